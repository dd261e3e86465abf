"""A stretch of a video, and the frames before it to warm up on."""

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction

from posecore.video.frame import Frame
from posecore.video.reader import VideoReader

WARM_UP_MS = 4_000  # before a segment: the tracker and its filters forget how they began


@dataclass
class Segment:
    """A stretch of a video; all of it unless something else is said.

    start_ms, end_ms: the timestamps it begins with and ends before; None is the end of the video.
    first, next: once it was read, the times in seconds of its first frame and of the one after its last, None for none.
    """

    start_ms: int = 0
    end_ms: int | None = None
    first: Fraction | None = None
    next: Fraction | None = None

    @property
    def whole(self) -> bool:
        """Whether it is all of the video."""
        return self.start_ms == 0 and self.end_ms is None

    def frames(self, video: VideoReader) -> Generator[Frame, None, None]:
        """Yield its frames, and before them those to warm up on, which it does not own."""
        for frame in video.since(max(0, self.start_ms - WARM_UP_MS)):
            if self.end_ms is not None and frame.timestamp_ms >= self.end_ms:
                self.next = frame.time
                return
            if self.first is None and self.owns(frame):
                self.first = frame.time
            yield frame

    def owns(self, frame: Frame) -> bool:
        """Whether a frame is one of its own."""
        return frame.timestamp_ms >= self.start_ms
