"""Stretches of one video, and its inference in several threads, each on one of them."""

import os
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Self

from posecore.estimator import PoseEstimator
from posecore.frame import Frame
from posecore.pose import Keypoints
from posecore.video import VideoInfo, VideoReader

SEGMENT_MS = 20_000
WARM_UP_MS = 4_000  # before a segment: the tracker and its filters forget how they began

Found = tuple[tuple[Keypoints, ...], float]


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


class Segments:
    """Ask it for the people of every frame, in order; segments ahead are worked on by `jobs` threads.

    Every thread reads the video by itself and begins WARM_UP_MS before its segment, where the people's filters begin
    anew, so keypoints differ a little from those of one run from start to end; and where there are several people, a
    segment may follow another one.

    info: of the source.
    open_estimator: opens an estimator for one segment.
    max_side: of the pictures that estimators see; see `Frame.small`.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        info: VideoInfo,
        open_estimator: Callable[[], PoseEstimator],
        jobs: int,
        max_side: int,
    ) -> None:
        self._source = source
        self._open_estimator = open_estimator
        self._jobs = jobs
        self._max_side = max_side
        frames = info.frame_count
        self._last = int(1000 * frames / info.fps / SEGMENT_MS) if frames else None
        self._running: dict[int, Future[dict[Fraction, Found]]] = {}
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(jobs, "segment")

    def __call__(self, frame: Frame) -> Found:
        """The people in a frame, and the milliseconds of their inference.

        Raises ValueError when the video cannot be cut there.
        """
        number = frame.timestamp_ms // SEGMENT_MS
        self._running.pop(number - 1, None)
        for ahead in range(number, number + self._jobs + 1):
            if ahead not in self._running and (ahead == number or self._last is None or ahead <= self._last):
                self._running[ahead] = self._pool.submit(self._estimate, ahead)
        try:
            return self._running[number].result()[frame.time]
        except KeyError:
            raise ValueError(
                f"{self._source}: cannot be cut at {number * SEGMENT_MS // 1000} s, its timestamps or its index are "
                "broken; use --jobs 1"
            ) from None

    def _estimate(self, number: int) -> dict[Fraction, Found]:
        """The people of all frames of a segment, by the time of the frame."""
        found: dict[Fraction, Found] = {}
        segment = Segment(number * SEGMENT_MS, (number + 1) * SEGMENT_MS)
        with VideoReader(self._source, threads=1) as video, self._open_estimator() as estimator:
            for frame in segment.frames(video):
                if self._stopping.is_set():
                    break
                image, started = frame.small(self._max_side), time.perf_counter()
                persons = tuple(estimator(image, frame.timestamp_ms, video.info.size))
                if segment.owns(frame):
                    found[frame.time] = persons, 1000 * (time.perf_counter() - started)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)
