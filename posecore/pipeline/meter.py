"""How a run goes: frames per second, milliseconds of inference, and what it came to."""

import time
from array import array
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posecore.pipeline.jumps import Jumps
from posecore.pose import FramePose

LABEL_SECONDS = 0.25  # that the text on the video stays the same, or nobody could read it
WINDOW = 30  # frames that it looks back on


@dataclass(frozen=True, eq=False)
class Summary:
    """What a run did.

    seconds: wall time from the first frame to the last.
    milliseconds: (n,) of inference for every frame, from the upright picture to its keypoints.
    warnings: what was wrong with the input and could be lived with.
    jumps: how often the first person of a frame was somewhere else at once, see `posecore.pipeline.jumps`.
    """

    frames: int
    frames_with_person: int
    seconds: float
    milliseconds: NDArray[np.float32]
    warnings: tuple[str, ...]
    jumps: int = 0

    @property
    def inference_ms(self) -> tuple[float, float]:
        """Median and 95th percentile of them."""
        median, p95 = np.percentile(self.milliseconds, (50, 95))
        return float(median), float(p95)

    def __str__(self) -> str:
        median, p95 = self.inference_ms
        return (
            f"{self.frames} frames, {self.frames_with_person / self.frames:.1%} with a person, "
            f"{self.frames / self.seconds:.1f} frames/s, inference {median:.1f} ms median, {p95:.1f} ms p95"
        )


class Meter:
    """Counts frames, their milliseconds of inference, and those with a person."""

    def __init__(self) -> None:
        self._milliseconds = array("f")
        self._ends: deque[float] = deque([time.perf_counter()], maxlen=WINDOW + 1)
        self._with_person, self._jumps = 0, Jumps()
        self._label, self._label_until = "", 0.0
        self._first = self._ends[0]

    def warm_up(self) -> None:
        """Take note of a frame that is not one of the segment: the label's rate begins after it."""
        self._ends[0] = time.perf_counter()

    def count(self, milliseconds: float, found: FramePose) -> None:
        """Take note of a frame whose people are found."""
        self._ends.append(time.perf_counter())
        self._milliseconds.append(milliseconds)
        if found.persons:
            self._with_person += 1
            self._jumps.see(found.persons[0].keypoints, found.timestamp_ms)

    def label(self) -> str:
        """Frames per second of the whole run and milliseconds of inference, over the last WINDOW frames."""
        if self._ends[-1] < self._label_until:
            return self._label
        self._label_until = self._ends[-1] + LABEL_SECONDS
        frames_per_second = (len(self._ends) - 1) / (self._ends[-1] - self._ends[0])
        milliseconds = self._milliseconds[-WINDOW:]
        self._label = f"{frames_per_second:.1f} FPS  {sum(milliseconds) / len(milliseconds):.1f} ms/frame"
        return self._label

    def summary(self, warnings: tuple[str, ...]) -> Summary:
        """What the run came to."""
        seconds = time.perf_counter() - self._first
        return Summary(
            len(self._milliseconds),
            self._with_person,
            seconds,
            np.array(self._milliseconds),
            warnings,
            self._jumps.count,
        )
