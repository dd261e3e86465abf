"""A stretch of a video, and the frames before it to warm up on."""

import os
from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from posecore.video.frame import Frame
from posecore.video.info import VideoInfo
from posecore.video.reader import VideoReader, promised_ms

WARM_UP_MS = 4_000  # before a segment: the tracker and its filters forget how they began
SHORT_WARM_UP_MS = 1_000  # before a stretch that no other goes before


@dataclass
class Segment:
    """A stretch of a video; all of it unless something else is said.

    start_ms, end_ms: the timestamps it begins with and ends before; None is the end of the video.
    alone: whether no other segment goes before it: then it warms up on less.
    first, next: once it was read, the times in seconds of its first frame and of the one after its last, None for none.
    """

    start_ms: int = 0
    end_ms: int | None = None
    alone: bool = False
    first: Fraction | None = None
    next: Fraction | None = None

    @classmethod
    def between(cls, start: float, end: float | None) -> Self:
        """The stretch that a user asks for, in seconds; None is the end of the video."""
        return cls(round(1000 * start), None if end is None else round(1000 * end), alone=True)

    def frames(self, video: VideoReader) -> Generator[Frame, None, None]:
        """Yield its frames, and before them those to warm up on, which it does not own."""
        warm_up_ms = SHORT_WARM_UP_MS if self.alone else WARM_UP_MS
        for frame in video.since(max(0, self.start_ms - warm_up_ms)):
            if self.end_ms is not None and frame.timestamp_ms >= self.end_ms:
                self.next = frame.time
                return
            if self.first is None and self.owns(frame):
                self.first = frame.time
            yield frame

    def owns(self, frame: Frame) -> bool:
        """Whether a frame is one of its own."""
        return frame.timestamp_ms >= self.start_ms

    def zero(self, first: Fraction) -> Fraction:
        """What is 0 in a video of it alone: the time of its first frame, but where the source begins that stays."""
        return first if self.start_ms else Fraction(0)

    def sound_end(self, end: Fraction) -> Fraction | None:
        """When its sound ends if its last frame ends at `end`: then too, but at the end of the source all is heard."""
        return None if self.end_ms is None else end

    def frame_count(self, info: VideoInfo) -> int | None:
        """How many frames it has by what the video promises; None when that says nothing."""
        asked = None if self.end_ms is None else round(self.end_ms / 1000 * info.fps)
        ends = [count for count in (asked, info.frame_count) if count is not None]
        return max(0, min(ends) - round(self.start_ms / 1000 * info.fps)) if ends else None

    def missing_in(self, path: str | os.PathLike[str]) -> str:
        """What to say of a video that has no frame of it."""
        until = "on" if self.end_ms is None else f"to {self.end_ms / 1000:g} s"
        length = promised_ms(path)
        said = f" (it says that it is {length / 1000:g} s long)" if length else ""
        return f"{path}: has no frame from {self.start_ms / 1000:g} s {until}{said}"
