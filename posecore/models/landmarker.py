"""What finds people in a picture, and the engines that run it."""

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from posecore.models.catalog import Model
from posecore.options import ENGINES
from posecore.pose import Image, Landmarks, Person


class PoseModel(Protocol):
    """A network that finds people. One per video: it carries the tracking from frame to frame."""

    def detect(self, image: Image, timestamp_ms: int | None = None) -> Sequence[Landmarks | Person]:
        """Find people in an upright picture, (height, width, 3) uint8 RGB: landmarks, or persons in its pixels.

        timestamp_ms is for the frames of a video, in order; None for single pictures.
        """
        ...

    def close(self) -> None:
        """Free the network."""
        ...


class Landmarker(PoseModel, Protocol):
    """BlazePose: it finds landmarks."""

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Landmarks]:
        """See `PoseModel`."""
        ...


def open_model(
    model: Model,
    engine: str,
    path: str | os.PathLike[str],
    *,
    mode: str = "video",
    num_poses: int = 1,
    delegate: str = "cpu",
    threads: int | None = None,
    world: bool = False,
    finder: str | os.PathLike[str] | None = None,
) -> PoseModel:
    """A model from its file, run by one of ENGINES; see their classes for the rest.

    num_poses: 0 is everyone, which only `open_search` can find.
    finder: the file of the person finder, which then looks in frames where nobody is found.

    Raises ValueError for an unknown engine or one that is not installed, and what the engine itself refuses.
    """
    if num_poses < 1:
        raise ValueError("people: one model finds so many at most, give a number; everyone is found with --search")
    check_engine(engine, finder is not None)
    open_it = _class(model.family.engines[engine])
    options: dict[str, Any] = {"mode": mode, "num_poses": num_poses, "delegate": delegate, "threads": threads}
    if finder is None:
        return open_it(path, world=world, **options)
    from posecore.models.person_finder import SIDES, PersonFinder, SparseFinder

    return open_it(path, world=world, finder=SparseFinder(PersonFinder(finder, SIDES[0], threads)), **options)


def open_search(
    model: Model,
    engine: str,
    path: str | os.PathLike[str],
    finder: str | os.PathLike[str],
    *,
    num_poses: int = 1,
    threads: int | None = None,
    world: bool = False,
    mirror: bool = False,
) -> PoseModel:
    """A model for single pictures, helped by the person finder, whose file is `finder`; num_poses: 0 is everyone.

    Raises ValueError for an engine other than openvino, and what it refuses itself.
    """
    check_engine(engine, search=True)
    from posecore.models.person_finder import PersonFinder

    open_it = _class(model.family.search)
    found_by = PersonFinder(finder, threads=threads)
    return open_it(path, found_by, num_poses=num_poses, threads=threads, world=world, mirror=mirror)


def check_engine(name: str, search: bool = False) -> None:
    """Raise ValueError when the engine is unknown, not installed, or is to search and cannot be told where to look."""
    if name not in ENGINES:
        raise ValueError(f"{name}: unknown engine; known are {', '.join(ENGINES)}")
    if find_spec(name) is None:
        others = [engine for engine in ENGINES if engine != name and find_spec(engine)]
        use = f", or use --engine {others[0]}" if others else ""
        raise ValueError(f"engine {name}: is not installed; pip install {name}, where there is a wheel of it{use}")
    if search and name != "openvino":
        raise ValueError(f"--search: {name} cannot be told where to look; use --engine openvino")


def _class(place: str) -> Callable[..., PoseModel]:
    module, _, name = place.partition(":")
    opened: Callable[..., PoseModel] = getattr(import_module(f"posecore.models.{module}"), name)
    return opened
