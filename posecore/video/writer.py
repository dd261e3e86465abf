"""Write video with PyAV: H.264 or VP9 that browsers play, frames at their true times, with sound."""

import os
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from posecore.files import overwriting, replacing, writing
from posecore.options import CRF, DEFAULTS
from posecore.pose import Image
from posecore.video.container import check_size, error_text, muxer_options, output_format
from posecore.video.info import VideoInfo
from posecore.video.metadata import label
from posecore.video.segment import Segment
from posecore.video.sound import AudioCopy


class VideoWriter:
    """Write a video file, complete or not at all; a `with` block renames it into place at its end.

    path: its suffix chooses the format: .mp4, .mov, .mkv (H.264) or .webm (VP9).
    info: size, rate, time base and colours of what is written, and what it says of itself.
    sound_of: a media file whose sound is carried over.
    segment: the stretch of the source that is written: its first frame is shown at 0, and its sound is cut to match.
    keep_metadata: whether it also says what is private, such as where it was taken.
    crf: constant rate factor; None is that of `posecore.options.CRF`. preset: of x264.
    threads: of the encoder; None leaves it to FFmpeg.
    live: of what cannot be made again: it is written under its own name, and what there is of it stays, whatever
        happens. .ts goes too then.

    Raises ValueError for another suffix and for what it cannot hold, OSError when it cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        info: VideoInfo,
        sound_of: str | os.PathLike[str] | None = None,
        segment: Segment | None = None,
        *,
        keep_metadata: bool = False,
        crf: int | None = None,
        preset: str = DEFAULTS.preset,
        threads: int | None = None,
        live: bool = False,
    ) -> None:
        self.path = Path(path)
        self.info, self._live = info, live
        name, encoder = output_format(path, live)
        check_size(path, info.size, live=live)
        self._segment = segment or Segment()
        self._zero: Fraction | None = None  # the time that is shown at 0, in seconds
        self._end = Fraction(0)  # of the last frame, in seconds
        self._durations: dict[int, int] = {}
        self._earliest = 0  # when the next frame may be shown, in the time base
        self._closed = False
        self._audio: AudioCopy | None = None
        with ExitStack() as stack:
            self._temporary = stack.enter_context(overwriting(path) if live else replacing(path))
            muxing = muxer_options(name, keep_metadata, live)
            self._container = av.open(f"file:{self._temporary}", "w", format=name, options=muxing)
            stack.callback(self._abandon)
            self._container.metadata.update(info.metadata.kept(keep_metadata))
            self._stream = self._add_stream(encoder, _encoder_options(encoder, crf, preset))
            self._stream.codec_context.thread_count = threads or 0
            self._stream.codec_context.thread_type = "FRAME"  # whole frames side by side, not slices of one
            if sound_of:
                self._audio = AudioCopy(sound_of, self._container, info.origin)
            self._stack = stack.pop_all()

    def _add_stream(self, encoder: str, options: dict[str, str]) -> VideoStream:
        info = self.info
        stream = self._container.add_stream(encoder, rate=info.fps, options=options)
        stream.width, stream.height = info.width, info.height
        label(stream, info.metadata.stream, self._container.format.name)
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
        """Append an upright frame, shown at `time` of the source for `duration`, both in seconds.

        picture: (height, width, 3) uint8 RGB, or `Frame.yuv` in this writer's `pixel_format`.
        """
        frame = picture if isinstance(picture, VideoFrame) else self._from_rgb(picture)
        if self._zero is None:
            self._zero = self._segment.zero(time)
            if self._audio:
                self._audio.begin(self._zero)
        time -= self._zero
        self._end = time + duration
        frame.time_base = self.info.time_base
        frame.pts = max(round(time / frame.time_base), self._earliest)
        self._earliest = frame.pts + 1
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
        try:
            for packet in self._stream.encode(frame):
                packet.duration = self._durations.pop(packet.pts, packet.duration)
                self._container.mux_one(packet)
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise ValueError(
                f"{self.path}: cannot hold these pictures or their times ({error_text(error)}); "
                "try another container, or JSON alone"
            ) from error

    def close(self) -> None:
        """Complete the file under its temporary name; leaving the `with` block renames it."""
        if self._closed:
            return
        with writing(self.path):
            self._mux(None)
            if self._audio:
                self._audio.finish(self._segment.sound_end(self._end))
            self._container.close()
        self._closed = True

    def _abandon(self) -> None:
        """Free the encoder; an unfinished file is deleted first, so that nothing is spent on completing it."""
        if not self._closed and not self._live:
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
            if error is not None and not self._live:
                raise error
            self.close()


def _encoder_options(encoder: str, crf: int | None, preset: str) -> dict[str, str]:
    options = {"crf": str(CRF[encoder] if crf is None else crf)}
    if encoder == "libx264":
        return options | {"preset": preset}
    return options | {"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "b": "0"}
