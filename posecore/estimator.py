"""From a picture to keypoints: a landmarker, then the mapping to COCO."""

import os
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from posecore.assets import model_file
from posecore.coco import to_coco
from posecore.frame import scaled_size
from posecore.options import DEFAULTS, ENGINES
from posecore.pose import Keypoints, Landmarks

Image = NDArray[np.uint8]


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


class PoseEstimator:
    """A landmarker followed by `to_coco`: call it with a picture, get one Keypoints per person.

    max_side: pictures are downscaled so that max(height, width) ≤ max_side before the landmarker sees them; 0 is off.
        Keypoints are in pixels of the picture that was given.
    """

    def __init__(self, landmarker: Landmarker, max_side: int = DEFAULTS.max_side) -> None:
        self.landmarker = landmarker
        self.max_side = max_side

    def __call__(
        self, image: Image, timestamp_ms: int | None = None, size: tuple[int, int] | None = None
    ) -> list[Keypoints]:
        """Keypoints of everyone found in an upright picture, (height, width, 3) uint8 RGB; see `Landmarker.detect`.

        size: (width, height) of the picture that the keypoints are for, when this one is a smaller copy of it.
        """
        width, height = size or (image.shape[1], image.shape[0])
        small = downscale(image, self.max_side)
        return [to_coco(landmarks, width, height) for landmarks in self.landmarker.detect(small, timestamp_ms)]

    def close(self) -> None:
        """Free the landmarker."""
        self.landmarker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def downscale(image: Image, max_side: int) -> Image:
    """The picture with max(height, width) ≤ max_side, by averaging; as it is when that holds or max_side is 0."""
    height, width = image.shape[:2]
    size = scaled_size(width, height, max_side)
    if size == (width, height):
        return image
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def open_estimator(
    engine: str = DEFAULTS.engine,
    complexity: int = DEFAULTS.model_complexity,
    *,
    mode: str = "video",
    max_side: int = DEFAULTS.max_side,
    num_poses: int = 1,
    model_path: str | os.PathLike[str] | None = None,
    download: bool = True,
    delegate: str = DEFAULTS.delegate,
    threads: int | None = None,
) -> PoseEstimator:
    """Open a model as a PoseEstimator; use it in a `with` block.

    engine: "mediapipe", or "openvino": the same networks and rules, several times faster on a CPU.
    complexity: 0 lite, 1 full, 2 heavy; ignored when `model_path` names a `.task` bundle.
    mode: "video" tracks and smooths from frame to frame and wants timestamps, "image" treats every picture alone.
    download: whether a model that is not cached may be downloaded.
    delegate: "cpu", or "gpu" where the platform has MediaPipe's GPU delegate.
    threads: cores of one call by openvino, None for all; mediapipe takes one.

    Raises ValueError for an unknown engine, mode or delegate, an engine that is not installed, or a file that is no
    pose model; FileNotFoundError and ConnectionError when the model cannot be had.
    """
    open_landmarker = _engine(engine)
    path = model_file(complexity, model_path, download)
    return PoseEstimator(
        open_landmarker(path, mode=mode, num_poses=num_poses, delegate=delegate, threads=threads), max_side
    )


def _engine(name: str) -> Callable[..., Landmarker]:
    try:
        if name == "mediapipe":
            from posecore.mediapipe_engine import MediaPipeLandmarker

            return MediaPipeLandmarker
        if name == "openvino":
            from posecore.blazepose import BlazePoseLandmarker

            return BlazePoseLandmarker
    except ImportError as error:
        raise ValueError(f"engine {name}: is not installed ({error}); install it: pip install {name}") from error
    raise ValueError(f"{name}: unknown engine; known are {', '.join(ENGINES)}")
