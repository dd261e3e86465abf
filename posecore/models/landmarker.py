"""What finds landmarks in a picture, and the engines that run it."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol

from posecore.options import ENGINES
from posecore.pose import Image, Landmarks


class Landmarker(Protocol):
    """A network that finds landmarks. One per video: it carries the tracking from frame to frame."""

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Landmarks]:
        """Find people in an upright picture, (height, width, 3) uint8 RGB.

        timestamp_ms is for the frames of a video, in order; None for single pictures.
        """
        ...

    def close(self) -> None:
        """Free the network."""
        ...


def open_landmarker(
    engine: str,
    model_path: str | os.PathLike[str],
    *,
    mode: str = "video",
    num_poses: int = 1,
    delegate: str = "cpu",
    threads: int | None = None,
    world: bool = False,
) -> Landmarker:
    """A landmarker on a `.task` bundle, by one of ENGINES; see their classes for the rest.

    Raises ValueError for an unknown engine or one that is not installed, and what the engine itself refuses.
    """
    return _engine(engine)(model_path, mode=mode, num_poses=num_poses, delegate=delegate, threads=threads, world=world)


def _engine(name: str) -> Callable[..., Landmarker]:
    if name not in ENGINES:
        raise ValueError(f"{name}: unknown engine; known are {', '.join(ENGINES)}")
    if find_spec(name) is None:
        others = [engine for engine in ENGINES if engine != name and find_spec(engine)]
        use = f", or use --engine {others[0]}" if others else ""
        raise ValueError(f"engine {name}: is not installed; pip install {name}, where there is a wheel of it{use}")
    if name == "mediapipe":
        from posecore.models.blazepose.mediapipe_landmarker import MediaPipeLandmarker

        return MediaPipeLandmarker
    from posecore.models.blazepose.openvino_landmarker import BlazePoseLandmarker

    return BlazePoseLandmarker
