"""Read video with PyAV: every frame upright, with square pixels, at its true time."""

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Self

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from posecore.video.color import coded_as
from posecore.video.container import kinds
from posecore.video.decoder import Decoder, Picture
from posecore.video.fragments import breaks_off
from posecore.video.frame import Frame, Upright
from posecore.video.info import VideoInfo
from posecore.video.metadata import read_metadata
from posecore.video.shown import lying_shape, open_media, orientation, shown_track, square_size
from posecore.video.timeline import origin

FINE = Fraction(1, 90_000)  # seconds: the unit of times where the file's own is too coarse for its pictures
LONGEST = Fraction(1)  # seconds that a unit of times may have


class VideoReader:
    """The frames of a video file, in the order shown: iterate once, inside a `with` block.

    info: VideoInfo.
    problem: after the last frame, what was wrong with the file, or None.
    threads: of the decoder; None leaves it to FFmpeg.

    Raises FileNotFoundError, PermissionError, or ValueError when it is no video, a pipe, or no frame can be decoded.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        self.path = Path(path)
        self._decoder = Decoder(self.path, threads)
        self._pictures = self._decoder.pictures()
        self._read = False
        self._cut_off = ""
        try:
            first = next(self._pictures, None)
            if first is None:
                raise ValueError(
                    f"{self.path}: holds no frame that can be decoded; check that it plays in a video player"
                )
            self._first: Picture = first
            self.info, self._upright = look_at(self._decoder, first)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame once. Damaged parts are stepped over and named in `problem`."""
        return self.since(0)

    def since(self, start_ms: int) -> Iterator[Frame]:
        """Yield the frames with timestamp_ms ≥ start_ms, instead of all; their index is that among all.

        Raises RuntimeError the second time, by whichever way.
        """
        if self._read:
            raise RuntimeError(f"{self.path}: is read once; open it again with VideoReader to read it again")
        self._read = True
        return self._since(start_ms)

    def _since(self, start_ms: int) -> Iterator[Frame]:
        first: Picture | None = self._first
        before = 0
        if start_ms > 0:
            self._pictures.close()
            half = Fraction(1, 2)  # a millisecond that is rounded up is the next one
            self._pictures = self._decoder.pictures_since(self._first.time + (start_ms - half) / 1000)
            first = next(self._pictures, None)
            before = self._decoder.count(self._first.time, first.time) if first else 0
        last, duration, count = Fraction(0), Fraction(0), 0
        for frame in self._frames(chain([first] if first else [], self._pictures), before):
            if frame.timestamp_ms >= start_ms:
                yield frame
            last, duration, count = frame.time, frame.duration, count + 1
        self._note_missing(count, last + duration + (self.info.origin or 0))

    def _frames(self, pictures: Iterable[Picture], before: int) -> Iterator[Frame]:
        zero, first, step = self.info.origin or Fraction(0), self._first.time, 1 / self.info.fps
        last: Fraction | None = None
        for index, picture in enumerate(pictures, before):
            # Always later than the one before.
            time = picture.time if last is None or picture.time > last else last + picture.frame.time_base
            shown = round((time - first) * 1000)
            yield Frame(
                index, time - zero if zero else time, shown, picture.duration or step, picture.frame, self._upright
            )
            last = time

    @property
    def problem(self) -> str | None:
        """What was wrong with the file and could be lived with, as far as it was read."""
        decoder, problems = self._decoder, [self._cut_off]
        if decoder.damaged:
            parts = f"{decoder.damaged} damaged part{'s' * (decoder.damaged > 1)}"
            problems.append(f"{parts} stepped over ({decoder.damage}); frames may be missing")
        if decoder.broken:
            problems.append(f"reading stopped early ({decoder.broken}); the frames before it are kept")
        if decoder.leaps:
            problems.append(
                f"its clock is set anew {decoder.leaps} time{'s' * (decoder.leaps > 1)}, as where recordings are put "
                "together; the times go on without a break"
            )
        if lying_shape(decoder.stream):
            ratio = decoder.stream.sample_aspect_ratio
            problems.append(f"says that its pixels are {ratio} times as wide as high; they are taken for square")
        text = "; ".join(problem for problem in problems if problem)
        return f"{self.path}: {text}" if text else None

    def _note_missing(self, frames: int, end: Fraction) -> None:
        """A file that was cut off can end without any error: compare with what its header promises.

        end: of the last frame on the file's clock. Where that does not begin at 0, some promise their end as a length.
        """
        decoder = self._decoder
        if "mov" in kinds(decoder.container) and breaks_off(self.path):
            self._cut_off = f"is cut off in the middle of a fragment; the {frames} frames before it are kept"
            return
        promised = _promised_seconds(decoder.stream, decoder.container)
        if self.problem or promised is None or frames == decoder.stream.frames:
            return
        begins = decoder.stream.start_time
        zero = self._first.time if begins is None else min(self._first.time, begins * decoder.stream.time_base)
        seconds = max(end, end - zero)
        if promised - seconds > 2 / self.info.fps:
            self._cut_off = (
                f"seems cut off: it promises {float(promised):.1f} s and {float(seconds):.1f} s "
                f"({frames} frames) could be decoded; they are kept"
            )

    def close(self) -> None:
        """Close the file."""
        self._pictures.close()  # or the decoder's memory would wait for the garbage collector
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def look_at(decoder: Decoder, first: Picture) -> tuple[VideoInfo, Upright]:
    """What the first picture of a file says of all of them.

    Raises ValueError when its colours are coded in a way that is not known.
    """
    container, stream, fps, frame = decoder.container, decoder.stream, decoder.fps, first.frame
    try:
        color = coded_as(frame)
    except ValueError as matrix:
        raise ValueError(f"{decoder.path}: its colours are coded as {matrix}; convert it to BT.709 first") from None
    upright = Upright(square_size(frame, stream), orientation(frame), color)
    info = VideoInfo(
        *upright.size,
        fps=fps,
        time_base=frame.time_base if frame.time_base <= min(1 / fps, LONGEST) else FINE,
        frame_count=_promised_frames(stream, container.duration),
        color=color,
        origin=origin(container, stream, first.time, fps),
        metadata=read_metadata(container, stream),
    )
    return info, upright


def promised_ms(path: str | os.PathLike[str]) -> int | None:
    """How long a video is by its header, in milliseconds; None when it does not say, or is none."""
    try:
        with open_media(Path(path)) as container:
            stream = shown_track(container)
            if stream is None:
                return None
            seconds = _promised_seconds(stream, container) or Fraction(container.duration or 0, av.time_base)
    except (ValueError, OSError, av.FFmpegError):
        return None
    return int(1000 * seconds) or None


def _promised_seconds(stream: VideoStream, container: InputContainer) -> Fraction | None:
    """What the header says: of a stream that was trimmed without encoding, the file's length is the truer one."""
    whole = Fraction(container.duration, av.time_base) if container.duration else None
    if stream.duration:
        own = stream.duration * stream.time_base
        return min(own, whole) if whole else own
    return None if container.streams.audio else whole  # sound may well go on after the last picture


def _promised_frames(stream: VideoStream, duration: int | None) -> int | None:
    if stream.frames:
        return stream.frames
    return (round(duration / av.time_base * stream.average_rate) or None) if duration and stream.average_rate else None
