"""Everybody in a video by an estimator that follows, and how long each frame took."""

import time
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from posecore.estimator import PoseEstimator, TimedPicture
from posecore.pose import FramePose


class NumberedPicture(TimedPicture, Protocol):
    """A frame of a video, as `posecore.video.Frame` is."""

    @property
    def index(self) -> int:
        """0, 1, 2 …"""
        ...


def follow(frames: Iterable[NumberedPicture], estimator: PoseEstimator) -> tuple[list[FramePose], np.ndarray]:
    """The people in every frame, and (n,) milliseconds from its small upright picture to them.

    estimator: in "video" mode, new or reset: it remembers who was there.
    """
    found, milliseconds = [], []
    for frame in frames:
        frame.small(estimator.max_side)  # which it keeps
        started = time.perf_counter()
        persons = estimator(frame)
        milliseconds.append(1000 * (time.perf_counter() - started))
        found.append(FramePose(frame.index, frame.timestamp_ms, tuple(persons)))
    return found, np.array(milliseconds)
