"""The parts of a video on which settings are compared."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from posecore.video import VideoReader, promised_ms

SAMPLE_SECONDS = 20.0  # of a video, unless something else is asked for
ROUNDS = 5  # parts of a video at most: all settings meet each in turn
LEAST_FRAMES = 30  # of a part


@dataclass(frozen=True)
class Piece:
    """A stretch of a video from `start` to before `end`, in seconds; None is the end of the video. round: from 0."""

    video: Path
    round: int
    start: float
    end: float | None


def cut_pieces(
    videos: Iterable[Path], start: float = 0, end: float | None = None, sample: float = SAMPLE_SECONDS
) -> list[Piece]:
    """`sample` seconds at most of every video, in equal parts that are spread over it, round by round.

    start, end: of what is looked at in every video, in seconds.

    Raises ValueError when a file is no video or has nothing there, OSError when it cannot be read.
    """
    found = [piece for video in dict.fromkeys(videos) for piece in _pieces(video, start, end, sample)]
    return sorted(found, key=lambda piece: piece.round)


def _pieces(video: Path, start: float, end: float | None, sample: float) -> list[Piece]:
    length, fps = _look_at(video)
    if start >= length:
        raise ValueError(f"{video}: has nothing from {start:g} s on, it is {length:.1f} s long; give another --start")
    whole = min(length, end or math.inf) - start
    seconds = min(sample, whole)
    count = min(ROUNDS, max(1, int(seconds * fps / LEAST_FRAMES)))
    between, each = (whole - seconds) / count, seconds / count
    starts = [round(start + between / 2 + n * (between + each), 3) for n in range(count)]
    ends: list[float | None] = [round(begin + each, 3) for begin in starts]
    if seconds == whole and (end is None or end >= length):
        ends[-1] = None  # headers are not exact
    return [Piece(video, n, *times) for n, times in enumerate(zip(starts, ends, strict=True))]


def _look_at(video: Path) -> tuple[float, float]:
    """Seconds that it lasts, and frames per second; where its header does not say how long it is, all is read."""
    with VideoReader(video) as reader:
        fps, promised = float(reader.info.fps), promised_ms(video)
        last_ms = promised or max(frame.timestamp_ms for frame in reader) + 1000 / fps
    return last_ms / 1000, fps
