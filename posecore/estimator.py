"""From a picture to the people in it: a landmarker, then the mapping to COCO."""

import os
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np

from posecore.coco import to_person
from posecore.models import Landmarker, model_file, open_landmarker
from posecore.options import DEFAULTS
from posecore.pose import Image, Person
from posecore.sizes import scaled_size


class TimedPicture(Protocol):
    """A frame of a video, as `posecore.video.Frame` is."""

    @property
    def timestamp_ms(self) -> int:
        """Presentation time since the first frame, in milliseconds."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        ...

    def small(self, max_side: int) -> Image:
        """The picture with max(height, width) ≤ max_side, (height, width, 3) uint8 RGB; 0 is off."""
        ...


class PoseEstimator:
    """A landmarker followed by `to_person`: call it with a frame or a picture, get everyone who was found.

    max_side: pictures are downscaled so that max(height, width) ≤ max_side before the landmarker sees them; 0 is off.
        Keypoints are in pixels of the picture that was given.
    """

    def __init__(self, landmarker: Landmarker, max_side: int = DEFAULTS.max_side) -> None:
        self.landmarker = landmarker
        self.max_side = max_side

    def __call__(self, picture: TimedPicture | Image, timestamp_ms: int | None = None) -> list[Person]:
        """Everyone found in an upright picture.

        picture: a frame of a video, which shrinks itself in the decoder's own colours and knows its time: so does the
            command, and to its keypoints. Or (height, width, 3) uint8 RGB, shrunk by averaging.
        timestamp_ms: of a picture that is a frame, in "video" mode; see `Landmarker.detect`.
        """
        if isinstance(picture, np.ndarray):
            height, width = picture.shape[:2]
            small = downscale(picture, self.max_side)
        else:
            width, height = picture.size
            small = picture.small(self.max_side)
            timestamp_ms = picture.timestamp_ms
        return [to_person(landmarks, width, height) for landmarks in self.landmarker.detect(small, timestamp_ms)]

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
    world: bool = False,
) -> PoseEstimator:
    """Open a model as a PoseEstimator; use it in a `with` block.

    engine: "openvino", or "mediapipe": the same networks and rules by MediaPipe itself, several times slower on a CPU.
    complexity: 0 lite, 1 full, 2 heavy; ignored when `model_path` names a `.task` bundle.
    mode: "video" tracks and smooths from frame to frame and wants timestamps, "image" treats every picture alone.
    download: whether a model that is not cached may be downloaded.
    delegate: "cpu", or "gpu" where the platform has MediaPipe's GPU delegate.
    threads: cores of one call by openvino, None for all; mediapipe takes one.
    world: whether landmarks in metres are wanted too.

    Raises ValueError for an unknown engine, mode or delegate, an engine that is not installed, or a file that is no
    pose model; FileNotFoundError and ConnectionError when the model cannot be had.
    """
    path = model_file(complexity, model_path, download)
    landmarker = open_landmarker(
        engine, path, mode=mode, num_poses=num_poses, delegate=delegate, threads=threads, world=world
    )
    return PoseEstimator(landmarker, max_side)
