"""What finds people in a picture, and the engines that run it."""

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from posecore.look import PoseNetwork
from posecore.models.catalog import Model
from posecore.options import DEFAULTS, ENGINES
from posecore.pose import Image, Landmarks, Person

if TYPE_CHECKING:
    from posecore.models.person_finder import PersonFinder


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
    device: str = DEFAULTS.device,
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
        raise ValueError("people: one model finds so many at most, give a number; everyone is found with search")
    check_engine(engine, "--search" if finder else None)
    open_it = _class(model.family.engines[engine])
    options: dict[str, Any] = {"mode": mode, "num_poses": num_poses, "device": device, "threads": threads}
    if finder is None:
        return open_it(path, world=world, **options)
    from posecore.models.person_finder import SIDES, PersonFinder, SparseFinder

    return open_it(path, world=world, finder=SparseFinder(PersonFinder(finder, SIDES[0], threads, device)), **options)


def open_search(
    model: Model,
    engine: str,
    path: str | os.PathLike[str],
    finder: str | os.PathLike[str],
    *,
    num_poses: int = 1,
    device: str = DEFAULTS.device,
    threads: int | None = None,
    world: bool = False,
    mirror: bool = False,
) -> PoseModel:
    """A model for single pictures, helped by the person finder, whose file is `finder`; num_poses: 0 is everyone.

    Raises ValueError for an engine other than openvino, and what it refuses itself.
    """
    check_engine(engine, "--search")
    open_it = _class(model.family.search)
    options: dict[str, Any] = {"num_poses": num_poses, "device": device, "threads": threads}
    opened: PoseModel = open_it(path, open_finder(finder, threads, device), world=world, mirror=mirror, **options)
    return opened


def open_regions(
    model: Model,
    path: str | os.PathLike[str],
    *,
    device: str = DEFAULTS.device,
    threads: int | None = None,
    world: bool = False,
) -> PoseNetwork:
    """A model that looks at one person at a time, by openvino, which is how several are followed."""
    check_engine("openvino")
    network: PoseNetwork = _class(model.family.regions)(path, device=device, threads=threads, world=world)
    return network


def open_finder(
    path: str | os.PathLike[str], threads: int | None = None, device: str = DEFAULTS.device, video: bool = False
) -> "PersonFinder":
    """The person finder from its file, by openvino; see its class for the rest."""
    from posecore.models.person_finder import PersonFinder

    return PersonFinder(path, threads=threads, device=device, video=video)


def check_engine(name: str, wish: str | None = None) -> None:
    """Raise ValueError when the engine is unknown, not installed, or cannot do what the user wishes, as is typed.

    wish: something for which it must be told where to look.
    """
    if name not in ENGINES:
        raise ValueError(f"{name}: unknown engine; known are {', '.join(ENGINES)}")
    if find_spec(name) is None:
        others = [engine for engine in ENGINES if engine != name and find_spec(engine)]
        use = f", or use --engine {others[0]}" if others else ""
        raise ValueError(f"engine {name}: is not installed; pip install {name}, where there is a wheel of it{use}")
    if wish and name != "openvino":
        raise ValueError(f"{wish}: {name} cannot be told where to look; use --engine openvino")


def _class(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    opened: Callable[..., Any] = getattr(import_module(f"posecore.models.{module}"), name)
    return opened
