"""Calmer keypoints in a video: the One-Euro filter as MoveNet's reference has it.

It differs from BlazePose's (posecore/models/blazepose/smoothing.py) in that a jump grows by its logarithm only, and in
its numbers.
"""

import math
from typing import Any

import numpy as np

from posecore.look import Filter, Look
from posecore.pose import Floats, Keypoints, Person

FIRST_FREQUENCY = 30.0  # Hz, before a second timestamp is known
MIN_CUTOFF, BETA, DERIVATIVE_CUTOFF = 2.5, 300.0, 2.5  # Hz, –, Hz
MIN_JUMP, JUMP_BETA = 0.5, 5.0  # beyond which a jump is damped, and by how much that grows with speed


class KeypointFilter:
    """The filter of one person; coordinates are normalised by the picture."""

    def __init__(self) -> None:
        self._raw: Floats | None = None
        self._smooth: Floats | None = None
        self._speed: Floats | None = None
        self._last_ms = 0
        self._frequency = FIRST_FREQUENCY

    def __call__(self, xy: Floats, timestamp_ms: int) -> Floats:
        """The smoothed coordinates, (17, 2). A frame at 0 ms, or at no later time than the last, stays as it is."""
        if timestamp_ms <= self._last_ms:
            return xy
        if self._last_ms:
            self._frequency = 1000 / (timestamp_ms - self._last_ms)
        self._last_ms = timestamp_ms
        speed = np.zeros_like(xy) if self._raw is None else (xy - self._raw) * self._frequency
        alpha = self._alpha(DERIVATIVE_CUTOFF)
        self._speed = speed if self._speed is None else alpha * speed + (1 - alpha) * self._speed
        jump = MIN_JUMP + JUMP_BETA * np.abs(self._speed)
        before = xy if self._smooth is None else self._smooth
        alpha = self._alpha(MIN_CUTOFF + BETA * np.abs(self._speed))
        smooth: Floats = before + alpha * jump * np.arcsinh((xy - before) / jump)
        self._raw, self._smooth = xy, smooth
        return smooth

    def _alpha(self, cutoff: Any) -> Any:
        return 1 / (1 + self._frequency / (2 * math.pi * cutoff))


def smoothing_of(width: int, height: int) -> Filter:
    """See `posecore.look.PoseNetwork.filter`."""
    smooth, size = KeypointFilter(), np.array([width, height], np.float32)

    def smoothed(look: Look, timestamp_ms: int) -> Person:
        found = look.person.keypoints
        xy = (smooth(found.xy / size, timestamp_ms) * size).astype(np.float32)
        return Person.around(Keypoints(xy, found.score), look.person.score)

    return smoothed
