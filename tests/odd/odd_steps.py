"""Odd videos whose picture n is an even grey of luma 20 + 10 n, 96 × 64, ten a second, with a tone if with sound."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

TENTH = Fraction(1, 10)
H264 = {"preset": "veryfast", "crf": "18", "bf": "0"}
MPEG2 = {"qmin": "2", "qmax": "4"}
MPEG4 = {"qmin": "2", "qmax": "2"}
UNEVEN = [Fraction(100 * n + n * n, 1000) for n in range(20)]
PAUSE = [n * TENTH + 10 * (n >= 10) for n in range(20)]
BLUE, RED = (41, 240, 110), (81, 90, 240)  # Y, Cb, Cr of BT.601


@dataclass
class Steps:
    """What is written. luma: of every picture, or Y, Cb, Cr of all; times: seconds from one to the next, or of all.

    sound: codec, seconds, Hz, samples a second, layout. count: of pictures of one colour.
    """

    luma: Iterable[int] | tuple[int, int, int] = range(20, 220, 10)
    times: Fraction | list[Fraction] = TENTH
    size: tuple[int, int] = (96, 64)
    codec: str = "libx264"
    options: dict[str, str] | None = None
    pix_fmt: str = "yuv420p"
    muxer: dict[str, str] | None = None
    format: str | None = None
    sound: tuple[str, float, int, int, str] | None = None
    ratio: Fraction | None = None
    count: int = 10

    def write(self, path: Path) -> None:
        with av.open(str(path), "w", format=self.format, options=self.muxer or {}) as container:
            stream = self.add(container)
            heard = _add_tone(container, *self.sound) if self.sound else iter(())
            for frame in self.frames():
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            container.mux(list(heard))

    def add(self, container: Any) -> Any:
        step = self.times if isinstance(self.times, Fraction) else TENTH
        stream = container.add_stream(self.codec, rate=1 / step, options=self.options or _options(self.codec))
        stream.width, stream.height, stream.pix_fmt = *self.size, self.pix_fmt
        if not isinstance(self.times, Fraction):
            stream.codec_context.time_base = Fraction(1, 1000)
        if self.ratio:
            stream.codec_context.sample_aspect_ratio = self.ratio
        return stream

    def frames(self) -> Iterator[av.VideoFrame]:
        lumas = [self.luma] * self.count if isinstance(self.luma, tuple) else self.luma
        for number, luma in enumerate(lumas):
            frame = av.VideoFrame(*self.size, self.pix_fmt)
            for plane, value in zip(frame.planes, luma if isinstance(luma, tuple) else (luma, 128, 128), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            time = number * self.times if isinstance(self.times, Fraction) else self.times[number]
            frame.time_base = Fraction(1, 1000) if isinstance(self.times, list) else self.times
            frame.pts = round(time / frame.time_base)
            yield frame


def _options(codec: str) -> dict[str, str]:
    return {"libx264": H264, "mpeg2video": MPEG2, "libvpx": {"crf": "4", "b": "1000000"}}.get(codec, MPEG4)


def _add_tone(container: Any, codec: str, seconds: float, pitch: int, rate: int, layout: str) -> Iterator[av.Packet]:
    stream = container.add_stream(codec, rate=rate, layout=layout)

    def packets() -> Iterator[av.Packet]:
        wave = 0.3 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], "flt", "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for part in av.AudioResampler(stream.format.name, layout, rate).resample(frame):
            yield from stream.encode(part)
        yield from stream.encode(None)

    return packets()


def _joined(*parts: Steps) -> Callable[[Path], None]:
    """One recording after the other in one file, as `cat` makes it."""

    def make(path: Path) -> None:
        content = b""
        for number, part in enumerate(parts):
            part.write(piece := path.with_name(f"{number}-{path.name}"))
            content += piece.read_bytes()
            piece.unlink()
        path.write_bytes(content)

    return make


def _second_is_shown(path: Path) -> None:
    """Two video tracks, the second one is the default."""
    with av.open(str(path), "w") as container:
        tracks = [Steps(color, options=H264 | {"crf": "10"}) for color in (RED, BLUE)]
        streams = [track.add(container) for track in tracks]
        streams[0].disposition, streams[1].disposition = av.stream.Disposition(0), av.stream.Disposition.default
        for pair in zip(*(track.frames() for track in tracks), strict=True):
            for stream, frame in zip(streams, pair, strict=True):
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))


def _with_every_suffix(folder: Path) -> None:
    """A plain video of a second under each of many suffixes."""
    folder.mkdir()
    for suffix, plain in SUFFIXES.items():
        plain.write(folder / f"{suffix}-file.{suffix}")


def _late(seconds: float) -> dict[str, str]:
    return {"output_ts_offset": str(seconds)}


PLAIN = Steps()
TEN, NEXT_TEN = replace(PLAIN, luma=range(20, 120, 10)), replace(PLAIN, luma=range(120, 220, 10))
MP2, LATER_MP2 = ("mp2", 1, 440, 48000, "mono"), ("mp2", 1, 880, 48000, "mono")
FILM = replace(PLAIN, luma=[20 + 4 * n for n in range(25)], times=Fraction(1, 25), codec="mpeg2video")
FEW = replace(PLAIN, luma=[30 + 2 * n for n in range(88)], times=Fraction(1, 2), size=(64, 48))
FIFTH = replace(PLAIN, luma=range(20, 70, 10))
GREY = replace(PLAIN, luma=[128] * 10, codec="mpeg4")
KEYS = H264 | {"g": "30", "sc_threshold": "0"}

MPEG = replace(FILM, luma=[40] * 25)
SUFFIXES = {
    "m2ts": TEN, "mts": TEN, "qt": replace(TEN, format="mov"), "nut": TEN, "asf": replace(TEN, codec="msmpeg4v2"),
    "wmv": replace(TEN, codec="wmv2", format="asf"), "divx": replace(TEN, codec="mpeg4", format="avi"),
    **{suffix: replace(TEN, format=kind) for suffix, kind in (("m4v", "mp4"), ("3gp", "3gp"), ("3g2", "3g2"))},
    "f4v": replace(TEN, format="f4v"), "ogv": replace(TEN, codec="libvpx", format="ogg"),
    "vob": replace(MPEG, format="vob"), "mpg": replace(MPEG, format="mpeg"),
    "m2v": replace(MPEG, format="mpeg2video"), "mxf": replace(MPEG, luma=[40] * 5, format="mxf"),
    "mjpeg": replace(TEN, codec="mjpeg", pix_fmt="yuvj420p", times=Fraction(1, 25), format="mjpeg"),
}  # fmt: skip
LARGE = replace(PLAIN, luma=(90, 149, 109), count=3, codec="mjpeg", pix_fmt="yuvj420p")

RECIPES: dict[str, Callable[[Path], None]] = {
    "clock-wraps.ts": replace(PLAIN, muxer=_late(95441.5)).write,
    "two-sizes.ts": _joined(TEN, replace(NEXT_TEN, size=(160, 96), muxer=_late(1))),
    "starts-late.flv": replace(PLAIN, muxer=_late(7.5), sound=("aac", 2, 440, 44100, "mono")).write,
    "starts-late-silent.flv": replace(PLAIN, muxer=_late(7.5)).write,
    "starts-late-live.flv": replace(PLAIN, muxer=_late(7.5) | {"flvflags": "no_duration_filesize"}).write,
    "starts-late.ts": replace(PLAIN, muxer=_late(30), sound=("mp2", 2, 440, 48000, "mono")).write,
    "starts-late-silent.ts": replace(PLAIN, muxer=_late(30)).write,
    "pause.mp4": replace(PLAIN, times=PAUSE).write,
    "pause.mkv": replace(PLAIN, times=PAUSE, sound=("aac", 12, 440, 16000, "mono")).write,
    "uneven.asf": replace(PLAIN, times=UNEVEN, codec="msmpeg4v2").write,
    "uneven.ts": replace(PLAIN, times=UNEVEN).write,
    "reordered.avi": replace(PLAIN, options=H264 | {"bf": "2"}).write,
    "raw.m2v": replace(PLAIN, times=Fraction(1, 25), codec="mpeg2video", format="mpeg2video").write,
    "few-key-frames.ts": replace(FEW, options=KEYS, muxer={"pat_period": "10", "sdt_period": "10"}).write,
    "few-key-frames.avi": replace(FEW, codec="mpeg4", options=MPEG4 | {"g": "30", "bf": "2"}).write,
    "joined.ts": _joined(replace(TEN, sound=MP2), replace(NEXT_TEN, sound=LATER_MP2)),
    "joined-silent.ts": _joined(TEN, NEXT_TEN),
    "joined.vob": _joined(
        replace(FILM, format="vob", sound=MP2),
        replace(FILM, format="vob", sound=LATER_MP2),
    ),
    "joined-an-hour-later.ts": _joined(TEN, replace(NEXT_TEN, muxer=_late(3600))),
    "sound-mp2.ts": replace(TEN, sound=("mp2", 1, 440, 48000, "stereo")).write,
    "sound-ac3.mkv": replace(TEN, sound=("ac3", 1, 440, 48000, "stereo")).write,
    "sound-eac3.mp4": replace(TEN, sound=("eac3", 1, 440, 48000, "stereo")).write,
    "sound-alac.mov": replace(TEN, sound=("alac", 1, 440, 48000, "stereo")).write,
    "sound-11024-hz.avi": replace(GREY, sound=("pcm_u8", 1, 440, 11024, "mono")).write,
    "sound-7000-hz.avi": replace(GREY, sound=("pcm_s16le", 1, 440, 7000, "mono")).write,
    "sound-37800-hz.mov": replace(TEN, luma=[128] * 5, sound=("pcm_s16le", 0.5, 440, 37800, "mono")).write,
    "shown-853-wide.mp4": replace(FIFTH, size=(720, 480), ratio=Fraction(32, 27)).write,
    "wide.mkv": replace(LARGE, size=(16400, 32)).write,
    "high.mkv": replace(LARGE, size=(32, 16400)).write,
    "suffixes": _with_every_suffix,
    "second-is-shown.mkv": _second_is_shown,
    "second-is-shown.mp4": _second_is_shown,
}
