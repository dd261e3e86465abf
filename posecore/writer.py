"""Write video with PyAV: H.264 or VP9 that browsers play, frames at their true times, with sound."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from posecore.audio import AudioCopy, open_input
from posecore.files import replacing, writing
from posecore.frame import Image
from posecore.options import CRF, DEFAULTS
from posecore.video import VideoInfo

# Container and encoder by suffix.
FORMATS = {
    ".mp4": ("mp4", "libx264"),
    ".mov": ("mov", "libx264"),
    ".mkv": ("matroska", "libx264"),
    ".webm": ("webm", "libvpx-vp9"),
}


class VideoWriter:
    """Write a video file, complete or not at all; a `with` block renames it into place at its end.

    path: its suffix chooses the format: .mp4, .mov, .mkv (H.264) or .webm (VP9).
    info: size, rate, time base and colours of what is written.
    sound_of: a media file whose sound is carried over.
    crf: constant rate factor; None is that of `posecore.options.CRF`. preset: of x264.
    threads: of the encoder; None leaves it to FFmpeg.

    Raises ValueError for another suffix, OSError when it cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        info: VideoInfo,
        sound_of: str | os.PathLike[str] | None = None,
        *,
        crf: int | None = None,
        preset: str = DEFAULTS.preset,
        threads: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.info = info
        name, encoder = output_format(path)
        self._durations: dict[int, int] = {}
        self._closed = False
        self._audio: AudioCopy | None = None
        with ExitStack() as stack:
            self._temporary = stack.enter_context(replacing(path))
            self._container = av.open(f"file:{self._temporary}", "w", format=name, options=_muxer_options(name))
            stack.callback(self._abandon)
            self._stream = self._add_stream(encoder, _encoder_options(encoder, crf, preset))
            self._stream.codec_context.thread_count = threads or 0
            self._stream.codec_context.thread_type = "FRAME"  # whole frames side by side, not slices of one
            if sound_of:
                self._audio = AudioCopy(sound_of, self._container)
            self._stack = stack.pop_all()

    def _add_stream(self, encoder: str, options: dict[str, str]) -> VideoStream:
        info = self.info
        stream = self._container.add_stream(encoder, rate=info.fps, options=options)
        stream.width, stream.height = info.width, info.height
        odd = (info.width | info.height) % 2
        stream.pix_fmt = "yuv444p" if odd and encoder == "libx264" else "yuv420p"
        context = stream.codec_context
        context.time_base = info.time_base
        context.colorspace, context.color_primaries, context.color_trc = (
            info.color.matrix,
            info.color.primaries,
            info.color.transfer,
        )
        context.color_range = ColorRange.MPEG
        return stream

    @property
    def problem(self) -> str | None:
        """What was wrong with the sound and could be lived with."""
        return self._audio.problem if self._audio else None

    @property
    def pixel_format(self) -> str:
        """What is encoded: "yuv420p", or "yuv444p" for odd sizes of H.264."""
        return self._stream.pix_fmt

    def write(self, picture: Image | VideoFrame, time: Fraction, duration: Fraction) -> None:
        """Append an upright frame, shown at `time` for `duration`, both in seconds.

        picture: (height, width, 3) uint8 RGB, or `Frame.yuv` in this writer's `pixel_format`.
        """
        frame = picture if isinstance(picture, VideoFrame) else self._from_rgb(picture)
        frame.time_base = self.info.time_base
        frame.pts = round(time / frame.time_base)
        self._durations[frame.pts] = round(duration / frame.time_base)
        with writing(self.path):
            if self._audio:
                self._audio.advance(time)
            self._mux(frame)

    def _from_rgb(self, image: Image) -> VideoFrame:
        rgb = VideoFrame.from_ndarray(image, "rgb24")
        matrix = self.info.color.sws_matrix
        return rgb.reformat(format=self.pixel_format, dst_colorspace=matrix, dst_color_range=ColorRange.MPEG)

    def _mux(self, frame: VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._container.mux_one(packet)

    def close(self) -> None:
        """Complete the file under its temporary name; leaving the `with` block renames it."""
        if self._closed:
            return
        with writing(self.path):
            self._mux(None)
            if self._audio:
                self._audio.advance(None)
            self._container.close()
        self._closed = True

    def _abandon(self) -> None:
        """Free the encoder; an unfinished file is deleted first, so that nothing is spent on completing it."""
        if not self._closed:
            self._temporary.unlink(missing_ok=True)
            self._closed = True
        with suppress(av.FFmpegError):
            self._container.close()
        if self._audio:
            self._audio.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                raise error
            self.close()


def join_videos(
    parts: Sequence[tuple[str | os.PathLike[str], Fraction]],
    path: str | os.PathLike[str],
    sound_of: str | os.PathLike[str],
) -> str | None:
    """Put videos that VideoWriter wrote with the same options one after the other, without encoding anything anew.

    parts: each with the time in seconds of its first frame, in order. path: as of VideoWriter.
    sound_of: a media file whose sound is carried over; returns what was wrong with it, if anything.
    """
    name, _ = output_format(path)
    with ExitStack() as stack:
        temporary = stack.enter_context(replacing(path))
        stack.enter_context(writing(path))
        output = stack.enter_context(av.open(f"file:{temporary}", "w", format=name, options=_muxer_options(name)))
        with open_input(parts[0][0]) as first:
            stream = output.add_stream_from_template(first.streams.video[0])
        audio = stack.enter_context(closing(AudioCopy(sound_of, output)))
        last = None
        for part, start in parts:
            for packet in _shifted(part, start):
                packet.stream = stream
                # Where frames are reordered a part begins to be decoded before its first frame is shown.
                packet.dts = packet.dts if last is None else max(packet.dts, last + 1)
                last = packet.dts
                audio.advance(packet.pts * packet.time_base)
                output.mux_one(packet)
        audio.advance(None)
        return audio.problem


def _shifted(path: str | os.PathLike[str], start: Fraction) -> Iterator[Packet]:
    """The packets of a video, moved so that the first frame is shown at `start`."""
    with open_input(path) as container:
        shift = None
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is None or packet.dts is None:  # the end
                continue
            if shift is None:
                shift = round(start / packet.time_base) - packet.pts
            packet.pts += shift
            packet.dts += shift
            yield packet


def output_format(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The container and encoder that a suffix stands for.

    Raises ValueError for a suffix that stands for none.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"{path}: cannot write '{suffix}' video; use one of {', '.join(FORMATS)}")
    return FORMATS[suffix]


def _encoder_options(encoder: str, crf: int | None, preset: str) -> dict[str, str]:
    options = {"crf": str(CRF[encoder] if crf is None else crf)}
    if encoder == "libx264":
        return options | {"preset": preset}
    return options | {"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "b": "0"}


def _muxer_options(container: str) -> dict[str, str]:
    """Fast start: the index goes to the front of the file, so that a browser plays it before it has all of it.

    The times at which tracks start are kept to 1/90000 s instead of a millisecond.
    """
    return {"movflags": "faststart", "movie_timescale": "90000"} if container in ("mp4", "mov") else {}
