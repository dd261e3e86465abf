"""A top-down network on video: at each frame one person, where that person was before, else where the finder says."""

import os
from collections.abc import Iterator
from typing import Self

import numpy as np

from posecore.models.person_finder import SparseFinder
from posecore.models.topdown.top_down_network import TopDownNetwork
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image, Keypoints, Person

MIN_KEYPOINT = 0.3  # score of a keypoint that counts
MIN_COUNT = 4  # of them, below which nobody is there; both as MoveNet's reference has them for several people
OF_EXTENT = 1.25  # of the keypoints: the box of the next frame, as rtmlib's tracker has it


class TopDown:
    """A top-down network on the frames of one video, in order; follows one person.

    model_path: an ONNX file. device: what computes it. threads: cores that one call may use; None is all.
    finder: says where the person is when nobody is followed.

    Raises ValueError for another mode, a device that is not there, and what `TopDownNetwork` refuses.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        finder: SparseFinder,
        *,
        mode: str = "video",
        num_poses: int = 1,
        device: str = DEFAULTS.device,
        threads: int | None = None,
        world: bool = False,
    ) -> None:
        if mode != "video":
            raise ValueError(f"mode must be one of image, video, got {mode}")
        if num_poses != 1:
            raise ValueError(f"a top-down network follows one person in a video, not {num_poses}")
        refuse_world(world)
        self._network = TopDownNetwork(model_path, threads, device)
        self._finder = finder
        self._box: Floats | None = None

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Person]:
        """See `posecore.models.PoseModel`; the time is of no account."""
        for box in self._places(image):
            (found,) = self._network.poses(image, [box])
            self._box = next_box(found)
            if self._box is not None:
                return [person_of(found)]
        return []

    def _places(self, image: Image) -> Iterator[Floats]:
        """Where to look for somebody in a frame."""
        if self._box is not None:
            yield self._box
        if (box := self._finder(image)) is not None:
            yield box

    def close(self) -> None:
        """Leave the networks to the next one."""
        self._network.close()
        self._finder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def next_box(found: Keypoints) -> Floats | None:
    """Where to look for a person in the next frame, x0, y0, x1, y1 in pixels; None when too little is seen of one."""
    sure = found.xy[found.score >= MIN_KEYPOINT]
    if len(sure) < MIN_COUNT:
        return None
    low, high = sure.min(axis=0), sure.max(axis=0)
    half = np.maximum((high - low) / 2 * OF_EXTENT, 1)
    middle = (low + high) / 2
    box: Floats = np.concatenate([middle - half, middle + half]).astype(np.float32)
    return box


def person_of(found: Keypoints, box_score: float = 1.0) -> Person:
    """Somebody with these keypoints; the score that ranks people is the root of the mean squared score of all.

    box_score: of the box that they were found in; its root counts too.
    """
    return Person.around(found, float(np.sqrt((found.score * found.score).mean() * box_score)))


def refuse_world(wanted: bool) -> None:
    """Raise ValueError when landmarks are wanted, which only BlazePose has."""
    if wanted:
        raise ValueError("landmarks are BlazePose's: a top-down network finds 17 keypoints; leave --landmarks out")
