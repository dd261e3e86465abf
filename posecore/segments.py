"""The inference of one video in several threads, each on its own stretch of time."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from types import TracebackType
from typing import Self

from posecore.estimator import PoseEstimator
from posecore.frame import Frame
from posecore.pose import Keypoints
from posecore.video import VideoInfo, VideoReader

SEGMENT_MS = 10_000
WARM_UP_MS = 2_000  # before a segment: the tracker and its filters forget how they began

Found = tuple[tuple[Keypoints, ...], float]


class Segments:
    """Ask it for the people of every frame, in order; segments ahead are worked on by `jobs` threads.

    Every thread reads the video by itself and begins WARM_UP_MS before its segment, where the people's filters begin
    anew, so keypoints differ a little from those of one run from start to end.

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
        start = number * SEGMENT_MS
        with VideoReader(self._source, threads=1) as video, self._open_estimator() as estimator:
            for frame in video.between(max(0, start - WARM_UP_MS), start + SEGMENT_MS):
                if self._stopping.is_set():
                    break
                image, started = frame.small(self._max_side), time.perf_counter()
                persons = tuple(estimator(image, frame.timestamp_ms, video.info.size))
                if frame.timestamp_ms >= start:
                    found[frame.time] = persons, 1000 * (time.perf_counter() - started)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)
