"""Read video with PyAV: every frame upright, with square pixels, at its true time."""

import os
import struct
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Self

import av
from av.container import InputContainer
from av.sidedata.sidedata import SideDataContainer, Type as SideData
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from posecore.video.color import UNSPECIFIED, Color
from posecore.video.container import error_text, open_input, start_time
from posecore.video.frame import Frame, Orientation, Upright


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video once its first frame is decoded.

    width, height: pixels as displayed: upright, and square pixels.
    fps: average frames per second as the container states it.
    time_base: the unit of its timestamps in seconds.
    frame_count: what the container promises, None when it is silent; only reading tells.
    """

    width: int
    height: int
    fps: Fraction
    time_base: Fraction
    frame_count: int | None = None
    color: Color = UNSPECIFIED

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height


class VideoReader:
    """The frames of a video file, in the order shown: iterate once, inside a `with` block.

    info: VideoInfo.
    problem: after the last frame, what was wrong with the file, or None.
    threads: of the decoder; None leaves it to FFmpeg.

    Raises FileNotFoundError, PermissionError, or ValueError when no frame can be decoded.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        self.path = Path(path)
        self._container = _open(self.path)
        self.problem: str | None = None
        try:
            self._stream = _pick_stream(self.path, self._container.streams.video, self._container.format.name)
            self._stream.codec_context.thread_count = threads or 0
            self._decoded = self._decode()
            first = next(self._decoded, None)
            if first is None:
                raise ValueError(
                    f"{self.path}: holds no frame that can be decoded; check that it plays in a video player"
                )
        except BaseException:
            self._container.close()
            raise
        self._first: VideoFrame = first
        stream = self._stream
        color = Color(first.colorspace, first.color_primaries, first.color_trc, first.color_range == ColorRange.JPEG)
        self._upright = Upright(_square_size(first, stream), _orientation(first), color)
        width, height = self._upright.size
        self.info = VideoInfo(
            width=width,
            height=height,
            fps=stream.average_rate or stream.guessed_rate or stream.base_rate or Fraction(25),
            time_base=first.time_base,
            frame_count=_promised_frames(stream, self._container.duration),
            color=color,
        )
        self._first_time = _frame_time(first, None, start_time(self._container), self.info.fps)

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame once. Damaged parts are stepped over and named in `problem`."""
        return self.since(0)

    def since(self, start_ms: int) -> Iterator[Frame]:
        """Yield the frames with timestamp_ms ≥ start_ms, instead of all; their index counts from the seek.

        Raises ValueError when the file cannot be searched.
        """
        frames: Iterator[VideoFrame] = chain([self._first], self._decoded)
        if start_ms > 0:
            seconds = self._first_time + start_time(self._container) + Fraction(start_ms, 1000)
            try:
                self._container.seek(int(seconds * av.time_base), backward=True)
            except av.FFmpegError as error:
                raise ValueError(f"{self.path}: cannot be searched ({error_text(error)})") from error
            frames = self._decode()
        end, count = Fraction(0), 0
        for frame in self._frames(frames):
            if frame.timestamp_ms >= start_ms:
                yield frame
            end, count = frame.time + frame.duration, frame.index + 1
        self._note_missing(count, end - self._first_time)

    def _frames(self, decoded: Iterable[VideoFrame]) -> Iterator[Frame]:
        start, fps = start_time(self._container), self.info.fps
        time: Fraction | None = None
        for index, frame in enumerate(decoded):
            time = _frame_time(frame, time, start, fps)
            duration = (frame.duration * frame.time_base) or 1 / fps
            yield Frame(index, time, round((time - self._first_time) * 1000), duration, frame, self._upright)

    def _decode(self) -> Generator[VideoFrame, None, None]:
        damaged = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError) as stop:
                if not isinstance(stop, StopIteration):
                    self.problem = (
                        f"{self.path}: reading stopped early ({error_text(stop)}); the frames before it are kept"
                    )
                return
            try:
                yield from packet.decode()
            except av.FFmpegError as error:
                damaged += 1
                self.problem = (
                    f"{self.path}: {damaged} damaged part{'s' * (damaged > 1)} stepped over ({error_text(error)}); "
                    "frames may be missing"
                )

    def _note_missing(self, frames: int, seconds: Fraction) -> None:
        """A file that was cut off can end without any error: compare with what its header promises."""
        promised = _promised_seconds(self._stream, self._container)
        if self.problem or promised is None or frames == self._stream.frames:
            return
        if promised - seconds > 2 / self.info.fps:
            self.problem = (
                f"{self.path}: seems cut off: it promises {float(promised):.1f} s and {float(seconds):.1f} s "
                f"({frames} frames) could be decoded; they are kept"
            )

    def close(self) -> None:
        """Close the file."""
        self._decoded.close()  # or the decoder's memory would wait for the garbage collector
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def promised_ms(path: str | os.PathLike[str]) -> int | None:
    """How long a video is by its header, in milliseconds; None when it does not say, or is none."""
    try:
        with open_input(path) as container:
            stream = _pick_stream(Path(path), container.streams.video, container.format.name)
            seconds = _promised_seconds(stream, container) or Fraction(container.duration or 0, av.time_base)
    except (av.FFmpegError, OSError, ValueError):
        return None
    return int(1000 * seconds) or None


def _open(path: Path) -> InputContainer:
    cure = "give a video file"
    if path.is_dir():
        raise ValueError(f"{path}: is a folder; {cure}")
    with path.open("rb") as file:
        if not file.read(1):
            raise ValueError(f"{path}: is empty; {cure}")
    try:
        return open_input(path)
    except av.FFmpegError as error:
        raise ValueError(f"{path}: is not a video that can be read ({error_text(error)}); {cure}") from error


def _pick_stream(path: Path, streams: Sequence[VideoStream], container: str) -> VideoStream:
    if container == "image2" or container.endswith("_pipe"):
        raise ValueError(f"{path}: is a picture; give a video file")
    streams = [stream for stream in streams if not stream.disposition & Disposition.attached_pic]
    if not streams:
        raise ValueError(f"{path}: has no video stream; give a file with pictures in it")
    streams[0].thread_type = "AUTO"
    return streams[0]


def _orientation(frame: VideoFrame) -> Orientation:
    """From the display matrix, which maps a stored pixel (p, q) to (a·p + c·q, b·p + d·q)."""
    side_data = SideDataContainer(frame)  # frame.side_data would be a reference cycle, and the decoder's memory stay
    matrices = [data for data in side_data if data.type == SideData.DISPLAYMATRIX]
    if not matrices:
        return Orientation()
    a, b, _, c, d = struct.unpack_from("=5i", bytes(matrices[0]))
    if abs(b) > abs(a):
        return Orientation(True, c < 0, b < 0)
    return Orientation(False, a < 0, d < 0)


def _square_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """The stored size with square pixels: the side that is squeezed is stretched."""
    ratio = stream.sample_aspect_ratio or Fraction(1)
    if ratio > 1:
        return round(frame.width * ratio), frame.height
    return frame.width, round(frame.height / ratio)


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
    return round(duration / av.time_base * stream.average_rate) if duration and stream.average_rate else None


def _frame_time(frame: VideoFrame, previous: Fraction | None, start: Fraction, fps: Fraction) -> Fraction:
    """Seconds from the start of the file, always later than the frame before."""
    ticks = frame.pts if frame.pts is not None else frame.dts
    if ticks is None:
        return Fraction(0) if previous is None else previous + 1 / fps
    time = ticks * frame.time_base - start
    return time if previous is None else max(time, previous + frame.time_base)
