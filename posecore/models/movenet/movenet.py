"""MoveNet on OpenVINO: two looks at a picture, or one at each frame of a video where the person was before."""

import os
from typing import Self

import numpy as np

from posecore.assets import TFJS_GRAPH
from posecore.coco import MIRRORED
from posecore.cores import available_cores
from posecore.models.movenet.smoothing import KeypointFilter
from posecore.models.movenet.square import Square
from posecore.models.network import Network, Recipe
from posecore.models.person_finder import SparseFinder
from posecore.options import DEFAULTS
from posecore.pose import Image, Keypoints, Person

MODES = ("image", "video")
MIN_POSE = 0.25  # mean score of the keypoints that count, below which nobody is there
MIN_KEYPOINT = 0.2  # score of a keypoint that counts
CROP_ALPHA = 0.9  # of the low pass over the squares of a video
RECIPE = Recipe(("Identity:0",), integers=True)


class MoveNet:
    """MoveNet on the file of one of its sizes; finds one person.

    mode: "video" for the frames of one video, in order; "image" for single pictures.
    device: what computes it, see `posecore.models.find_device`. threads: cores that one call may use; None is all.
    finder: looks for people in the frames of a video where a look at the whole finds nobody.

    Raises ValueError for an unknown mode, a device that is not there, and a file that is no MoveNet.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        *,
        mode: str = "video",
        num_poses: int = 1,
        device: str = DEFAULTS.device,
        threads: int | None = None,
        world: bool = False,
        finder: SparseFinder | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode}")
        if world:
            raise ValueError("landmarks are BlazePose's: MoveNet finds 17 keypoints; leave --landmarks out")
        if num_poses != 1:
            raise ValueError(f"MoveNet finds one person in what it looks at, not {num_poses}")
        self._network = Network(model_path, TFJS_GRAPH, RECIPE, threads or available_cores(), device=device)
        self._run = self._network.request()
        self.side = self._network.side
        self._video = mode == "video"
        self._track: _Track | None = None
        self._finder = finder
        self._last_ms = -1

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Person]:
        """See `posecore.models.PoseModel`. Timestamps that do not grow are moved on by a millisecond.

        Raises ValueError when a timestamp is missing in "video" mode.
        """
        height, width = image.shape[:2]
        if not self._video:
            first = self.look(image, Square.around_all(width, height))
            return [person_of(self.look(image, Square.next(first, width, height)))]
        if timestamp_ms is None:
            raise ValueError("timestamp_ms is missing: 'video' mode needs the time of every frame")
        self._last_ms = max(self._last_ms + 1, timestamp_ms)
        self._track = self._track or _Track(width, height)
        found = self.look(image, self._track.square)
        if pose_score(found) < MIN_POSE and self._finder and (box := self._finder(image)) is not None:
            self._track = _Track(width, height)
            found = self.look(image, Square.around_box(box))
        if pose_score(found) < MIN_POSE:
            self._track = None
            return []
        return [person_of(self._track.follow(found, self._last_ms))]

    def look(self, image: Image, square: Square, mirrored: bool = False) -> Keypoints:
        """The keypoints of the person in a square of a picture, (height, width, 3) uint8 RGB, in its pixels.

        mirrored: whether the network sees the square in a mirror; the keypoints are the person's own all the same.
        """
        square.crop(image, self._run.picture)
        if mirrored:
            self._run.picture[:] = self._run.picture[:, ::-1].copy()
        (values,) = self._run()
        yx, score = values[0, :, :2], values[0, :, 2].copy()
        if mirrored:
            yx, score = np.column_stack([yx[MIRRORED, 0], 1 - yx[MIRRORED, 1]]), score[MIRRORED]
        return Keypoints(square.place(yx[:, ::-1]), score)

    def close(self) -> None:
        """Leave the network to the next one."""
        self._network.close()
        if self._finder:
            self._finder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Track:
    """Somebody who is followed through a video of width × height pixels.

    square: where to look in the next frame.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._filter = KeypointFilter()
        self._edges: np.ndarray | None = None
        self.square = Square.around_all(width, height)

    def follow(self, found: Keypoints, timestamp_ms: int) -> Keypoints:
        """What was found in the square, smoothed."""
        size = np.array(self._size, np.float32)
        xy = self._filter(found.xy / size, timestamp_ms) * size
        calm = Keypoints(xy.astype(np.float32), found.score)
        following = Square.next(calm, *self._size)
        edges = np.array([following.x, following.y, following.x + following.side])
        self._edges = edges if self._edges is None else CROP_ALPHA * edges + (1 - CROP_ALPHA) * self._edges
        x0, y0, x1 = map(float, self._edges)
        self.square = Square(x0, y0, x1 - x0)
        return calm


def pose_score(found: Keypoints) -> float:
    """The mean score of the keypoints that count, 0 when none does: what the reference decides by."""
    sure = found.score[found.score > MIN_KEYPOINT]
    return float(sure.mean()) if len(sure) else 0.0


def person_of(found: Keypoints) -> Person:
    """Somebody with these keypoints; the score that ranks people is the root of the mean squared score of all."""
    return Person.around(found, float(np.sqrt((found.score * found.score).mean())))
