"""How evenly the frames of a video follow one another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from posecore.pose import FramePose

ROUNDING = 2  # ms by which even steps differ where every time is a whole millisecond


@dataclass
class Pace:
    """Looks at the times of frames that pass by.

    stated: frames per second as the document has it.
    """

    stated: float
    _first: FramePose | None = None
    _last: FramePose | None = None
    _steps: list[float] = field(default_factory=list)  # the shortest and the longest so far, ms from frame to frame

    def watched(self, frames: Iterable[FramePose]) -> Iterator[FramePose]:
        """The frames themselves."""
        for frame in frames:
            self.note(frame)
            yield frame

    def note(self, frame: FramePose) -> None:
        """Look at the next frame."""
        if self._first is None:
            self._first = frame
        elif self._last is not None and frame.index > self._last.index:
            step = (frame.timestamp_ms - self._last.timestamp_ms) / (frame.index - self._last.index)
            self._steps = [min([*self._steps[:1], step]), max([*self._steps[1:], step])]
        self._last = frame

    @property
    def varies(self) -> bool:
        """Whether the steps from frame to frame differ by more than rounding makes them."""
        return bool(self._steps) and self._steps[1] - self._steps[0] > ROUNDING

    @property
    def rate(self) -> float:
        """Frames per second: as stated where it is even, which is exact; else the true mean, from first to last."""
        if not self.varies or self._first is None or self._last is None:
            return self.stated
        frames, ms = self._last.index - self._first.index, self._last.timestamp_ms - self._first.timestamp_ms
        return 1000 * frames / ms if ms > 0 else self.stated
