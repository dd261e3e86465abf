"""How a run goes: frames per second, milliseconds of inference, and what it came to."""

import time
from array import array
from collections import Counter, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from posecore.pipeline.jumps import Jumps
from posecore.pose import FramePose

LABEL_SECONDS = 0.25  # that the text on the video stays the same, or nobody could read it
WINDOW = 30  # frames that it looks back on


@dataclass(frozen=True, eq=False)
class Summary:
    """What a run did.

    seconds: wall time from the first frame to the last.
    milliseconds: (n,) of inference for every frame that was looked at, from the upright picture to its keypoints.
    warnings: what was wrong with the input and could be lived with.
    jumps: how often the first person of a frame was somewhere else at once, see `posecore.pipeline.jumps`.
    at_once: how many people were in a frame at most.
    """

    frames: int
    frames_with_person: int
    seconds: float
    milliseconds: NDArray[np.float32]
    warnings: tuple[str, ...]
    jumps: int = 0
    at_once: int = 0

    @property
    def inference_ms(self) -> tuple[float, float]:
        """Median and 95th percentile of them."""
        median, p95 = np.percentile(self.milliseconds, (50, 95))
        return float(median), float(p95)

    @property
    def looked_at(self) -> int:
        """How many frames were looked at; the others were filled in."""
        return len(self.milliseconds)

    def __str__(self) -> str:
        median, p95 = self.inference_ms
        counted = f"{self.frames} frame{'s' * (self.frames > 1)}"
        some = f" ({self.looked_at} looked at)" if self.looked_at < self.frames else ""
        people = f", up to {self.at_once} people at once" if self.at_once > 1 else ""
        return (
            f"{counted}{some}, {self.frames_with_person / self.frames:.1%} with a person{people}, "
            f"{self.frames / self.seconds:.1f} frames/s, inference {median:.1f} ms median, {p95:.1f} ms p95"
        )


class Tally:
    """What a meter needs of a series of milliseconds, in little room however long it is: how often each tenth was.

    As an array it is in order of size.
    """

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()
        self._recent: deque[float] = deque(maxlen=WINDOW)

    def append(self, milliseconds: float) -> None:
        """Take note of one."""
        self._counts[round(milliseconds, 1)] += 1
        self._recent.append(milliseconds)

    def __len__(self) -> int:
        return self._counts.total()

    def __getitem__(self, last: slice) -> list[float]:
        """Some of the last WINDOW."""
        return list(self._recent)[last]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.float32]:
        values = sorted(self._counts)
        return np.repeat(np.array(values, dtype or np.float32), [self._counts[value] for value in values])


class Meter:
    """Counts frames, their milliseconds of inference, and those with a person."""

    def __init__(self) -> None:
        self._milliseconds = self._series()
        self._ends: deque[float] = deque([time.perf_counter()], maxlen=WINDOW + 1)
        self._frames, self._with_person, self._at_once, self._jumps = 0, 0, 0, Jumps()
        self._label, self._label_until = "", 0.0
        self._first = self._ends[0]

    def _series(self) -> "array[float] | Tally":
        return array("f")

    def warm_up(self) -> None:
        """Take note of a frame that is not one of the segment: the label's rate begins after it."""
        self._ends[0] = time.perf_counter()

    def count(self, milliseconds: float, found: FramePose) -> None:
        """Take note of a frame whose people are found."""
        self._ends.append(time.perf_counter())
        self._frames += 1
        self._milliseconds.append(milliseconds)
        self._at_once = max(self._at_once, len(found.persons))
        if found.persons:
            self._with_person += 1
            self._jumps.see(found.persons[0].keypoints, found.timestamp_ms)

    def count_filled(self, found: FramePose) -> None:
        """Take note of a frame that was filled in."""
        self._ends.append(time.perf_counter())
        self._frames += 1
        self._with_person += bool(found.persons)

    def label(self) -> str:
        """Frames per second of the whole run and milliseconds of inference, over the last WINDOW frames."""
        if self._ends[-1] < self._label_until:
            return self._label
        self._label_until = self._ends[-1] + LABEL_SECONDS
        self._label = self._text()
        return self._label

    def _text(self) -> str:
        frames_per_second = (len(self._ends) - 1) / (self._ends[-1] - self._ends[0])
        said = f"{frames_per_second:.1f} FPS"
        if recent := self._milliseconds[-WINDOW:]:  # a segment may begin with frames that are filled in
            said += f"  {np.mean(recent):.1f} ms/frame"
        return said

    def summary(self, warnings: tuple[str, ...]) -> Summary:
        """What the run came to."""
        seconds = time.perf_counter() - self._first
        return Summary(
            self._frames,
            self._with_person,
            seconds,
            np.array(self._milliseconds, np.float32),
            warnings,
            self._jumps.count,
            self._at_once,
        )
