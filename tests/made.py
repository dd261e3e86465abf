"""Small videos of every kind, made with PyAV from the demo clip; the docstring of each function is its data card.

All begin where both people of the clip are seen: a man stands on a roof at the left, a woman walks in from the right.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

RECIPES: dict[str, Callable[["Scenes", Path], None]] = {}
BEGIN, END = 60, 190  # frames of the demo clip
FAST = {"preset": "ultrafast"}
VP9 = {"deadline": "realtime", "cpu-used": "8", "b": "0", "crf": "36"}
STEPS = [33, 33, 67, 33, 100, 33, 33, 200, 33, 67] * 5  # milliseconds that frames of a variable rate last
AAC_PACKET = Fraction(1024, 48000)  # seconds; its encoder begins with one of silence
BT709 = {"colorspace": 1, "color_primaries": 1, "color_trc": 1}

# The ordinary ones, with their size as displayed.
VIDEOS = {
    "one_person.mp4": (480, 848),
    "two_people.mp4": (600, 530),
    "nobody.mp4": (320, 180),
    "variable_rate.mp4": (640, 360),
    "sixty.mp4": (180, 320),
    "turned_0.mov": (568, 320),
    "turned_90.mov": (320, 568),
    "turned_180.mov": (568, 320),
    "turned_270.mov": (320, 568),
    "phone.mp4": (360, 640),
    "wide_pixels.mp4": (640, 180),
    "av1_late_sound.mp4": (320, 180),
    "mp3.mp4": (320, 180),
    "live.webm": (320, 180),
    "clusters.webm": (320, 180),
    "fragments.mp4": (320, 180),
    "odd.webm": (161, 121),
    "one_pixel.mp4": (1, 1),
    "ten_bits.mp4": (320, 180),
    "hevc.mp4": (320, 180),
    "transparent.webm": (320, 180),
    "reordered.mov": (320, 180),
}


class Made:
    """A folder whose files are made when they are first asked for: `made / "mp3.mp4"`."""

    def __init__(self, folder: Path, demo: Path) -> None:
        self.folder = folder
        self.scenes = Scenes(demo)

    def __truediv__(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            RECIPES[name](self.scenes, path)
        return path


class Scenes:
    """What the demo clip shows, as RGB pictures, decoded once."""

    def __init__(self, demo: Path) -> None:
        self._demo = demo

    @cached_property
    def _decoded(self) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
        walker, both, photo = [], [], None
        with av.open(str(self._demo)) as video:
            for number, frame in zip(range(END), video.decode(video=0), strict=False):
                if number >= BEGIN:
                    walker.append(_around_walker(frame, number))
                    both.append(frame.reformat(640, 360, "rgb24").to_ndarray())
                if number == 80:
                    photo = frame.to_ndarray(format="rgb24")[327:, 768:]
        return walker, both, photo

    @property
    def walker(self) -> list[np.ndarray]:
        """The woman, 300×530; a crop that goes with her."""
        return self._decoded[0]

    @property
    def both(self) -> list[np.ndarray]:
        """All of the picture, 640×360."""
        return self._decoded[1]

    @property
    def photo(self) -> np.ndarray:
        """The woman and what is around her, 1000×667."""
        return self._decoded[2]

    @property
    def nobody(self) -> list[np.ndarray]:
        """Trees, the sun and a house, 320×180: the upper right quarter."""
        return [picture[:180, 320:] for picture in self.both]


def _around_walker(frame: av.VideoFrame, number: int) -> np.ndarray:
    """She walks 9.8 pixels to the left from frame to frame."""
    left = round(1392 - 9.8 * (number - BEGIN)) - 150
    return frame.to_ndarray(format="rgb24")[464:, max(0, left) : max(0, left) + 300].copy()


def recipe(name: str) -> Callable:
    """Note what makes a file of a name."""

    def note(make: Callable) -> Callable:
        RECIPES[name] = make
        return make

    return note


def write(
    path: Path,
    pictures: Iterable[np.ndarray],
    times: Fraction | Sequence[Fraction] = Fraction(1, 25),
    size: tuple[int, int] = (320, 180),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] = FAST,
    muxer: dict[str, str] | None = None,
    sound: tuple[str, Fraction, Fraction] | None = None,
    turned: int = 0,
    **context: Any,
) -> None:
    """Encode RGB pictures.

    times: the seconds from a frame to the next, or when each is shown. sound: codec, begin and end in seconds.
    turned: by how many degrees counterclockwise a player must turn them. context: attributes of the encoder.
    """
    with av.open(str(path), "w", options=muxer or {}) as container:
        step = times if isinstance(times, Fraction) else Fraction(1, 30)
        video = container.add_stream(codec, rate=1 / step, options=options)
        video.width, video.height, video.pix_fmt = *size, pix_fmt
        for name, value in context.items():
            setattr(video.codec_context, name, value)
        if not isinstance(times, Fraction):
            video.codec_context.time_base = Fraction(1, 1000)
        if turned:
            video.set_display_rotation(turned)
        heard = sound and _add_sound(container, sound)
        base = video.codec_context.time_base or step
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            frame = frame.reformat(*size, pix_fmt, dst_colorspace=context.get("colorspace"))
            time = number * step if isinstance(times, Fraction) else times[number]
            frame.pts, frame.time_base = round(time / base), base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if heard:
            container.mux(list(heard))


def _add_sound(container: av.container.OutputContainer, sound: tuple[str, Fraction, Fraction]) -> Iterator[av.Packet]:
    """The packets of a tone whose loudness goes up and down, so that a shift in time would be heard."""
    codec, begin, end = sound
    experimental = {"strict": "experimental"} if codec == "vorbis" else {}
    layout = "stereo" if codec == "vorbis" else "mono"
    stream = container.add_stream(codec, rate=48000, layout=layout, options=experimental)

    def packets() -> Iterator[av.Packet]:
        seconds = np.arange(round(begin * 48000), round(end * 48000)) / 48000
        loudness = 0.3 + 0.25 * np.sin(2 * np.pi * (1.3 * seconds + 0.7 * seconds**2))
        wave = (loudness * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], "flt", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, round(begin * 48000), Fraction(1, 48000)
        for part in av.AudioResampler(stream.format.name, layout, 48000).resample(frame):
            yield from stream.encode(part)
        yield from stream.encode(None)

    return packets()


@recipe("one_person.mp4")
def one_person(scenes: Scenes, path: Path) -> None:
    """480×848, 5 frames/s, 65 frames in 13 s, H.264 without B-frames, a key frame every 2.4 s: one woman walks by."""
    write(path, scenes.walker[::2], Fraction(1, 5), (480, 848), options=FAST | {"g": "12"})


@recipe("two_people.mp4")
def two_people(scenes: Scenes, path: Path) -> None:
    """600×530, 12 frames/s, 24 frames, H.264: the woman twice, side by side, the right one 65 frames later."""
    pairs = [np.hstack(pair) for pair in zip(scenes.walker[:24], scenes.walker[65:], strict=False)]
    write(path, pairs, Fraction(1, 12), (600, 530))


@recipe("person.jpg")
def person(scenes: Scenes, path: Path) -> None:
    """1000×667, a JPEG: one woman who walks over a lawn, from head to foot, 400 pixels high."""
    cv2.imwrite(str(path), scenes.photo[..., ::-1])


@recipe("nobody.mp4")
def nobody(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 25 frames, H.264: trees, the sun and a house."""
    write(path, scenes.nobody[:25])


@recipe("variable_rate.mp4")
def variable_rate(scenes: Scenes, path: Path) -> None:
    """640×360, 50 frames in 3.2 s, H.264: they last 33, 67, 100 or 200 ms."""
    write(path, scenes.both[:50], [Fraction(sum(STEPS[:number]), 1000) for number in range(50)], (640, 360))


@recipe("sixty.mp4")
def sixty(scenes: Scenes, path: Path) -> None:
    """180×320, upright as stored, 60 frames/s, 100 frames, H.264 with B-frames: one woman."""
    write(path, scenes.walker[:100], Fraction(1, 60), (180, 320), options={"preset": "veryfast", "g": "30"})


def _turned(degrees: int) -> Callable[[Scenes, Path], None]:
    def make(scenes: Scenes, path: Path) -> None:
        write(path, scenes.both[:3], size=(568, 320), turned=-degrees)

    return make


for _degrees in (0, 90, 180, 270):
    # 568×320 as stored, 3 frames, H.264: a player must turn it clockwise by so many degrees; it lies on its side then.
    RECIPES[f"turned_{_degrees}.mov"] = _turned(_degrees)


@recipe("phone.mp4")
def phone(scenes: Scenes, path: Path) -> None:
    """As phones record: 640×360 as stored, to be turned clockwise by 90°, one woman who is upright then.

    30 frames/s, 60 frames, H.264 that says BT.709; AAC, which begins 40 ms before the picture; the index at the front.
    """
    lying = [np.rot90(picture) for picture in scenes.walker[:60]]
    times = [Fraction(40 + 1000 * number // 30, 1000) for number in range(60)]
    sound = ("aac", AAC_PACKET, 96 * AAC_PACKET)
    write(path, lying, times, (640, 360), turned=-90, sound=sound, muxer={"movflags": "faststart"}, **BT709)


@recipe("wide_pixels.mp4")
def wide_pixels(scenes: Scenes, path: Path) -> None:
    """320×180 as stored, pixels twice as wide as high, 25 frames/s, 40 frames, H.264."""
    write(path, scenes.both[:40], sample_aspect_ratio=Fraction(2))


@recipe("av1_late_sound.mp4")
def av1_late_sound(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 25 frames, AV1; AAC that begins 0.3 s after the picture."""
    sound = ("aac", 14 * AAC_PACKET, 47 * AAC_PACKET)
    write(path, scenes.both[:25], codec="libsvtav1", options={"preset": "12", "svtav1-params": "lp=1"}, sound=sound)


@recipe("mp3.mp4")
def mp3(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 55 frames, H.264; MP3 of 2.2 s."""
    write(path, scenes.both[:55], sound=("mp3", Fraction(0), Fraction(22, 10)))


@recipe("sound.mp4")
def sound(scenes: Scenes, path: Path) -> None:
    """The sound of mp3.mp4 alone."""
    mp3(scenes, video := path.with_name("with_pictures.mp4"))
    with av.open(str(video)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)


@recipe("live.webm")
def live(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 25 frames, VP9 and Opus, as it is sent live: nothing says how long it is."""
    sound = ("libopus", Fraction(0), Fraction(1))
    write(path, scenes.both[:25], codec="libvpx-vp9", options=VP9, muxer={"live": "1"}, sound=sound)


@recipe("clusters.webm")
def clusters(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 60 frames, VP9, a key frame every 10 frames."""
    write(path, scenes.both[:60], codec="libvpx-vp9", options=VP9 | {"g": "10"})


@recipe("fragments.mp4")
def fragments(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 60 frames, H.264: every 10 have an index of their own; the front says how long it is."""
    parts = {"movflags": "frag_keyframe+empty_moov+default_base_moof+global_sidx"}
    write(path, scenes.both[:60], options=FAST | {"g": "10"}, muxer=parts)


@recipe("odd.webm")
def odd(scenes: Scenes, path: Path) -> None:
    """161×121, 30 frames/s, 20 frames, VP9."""
    write(path, scenes.both[:20], Fraction(1, 30), (161, 121), "libvpx-vp9", options=VP9)


@recipe("one_pixel.mp4")
def one_pixel(scenes: Scenes, path: Path) -> None:
    """1×1, 25 frames/s, 5 frames, H.264 4:4:4."""
    write(path, scenes.both[:5], size=(1, 1), pix_fmt="yuv444p")


@recipe("ten_bits.mp4")
def ten_bits(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 10 frames, H.264 of 10 bits."""
    write(path, scenes.both[:10], pix_fmt="yuv420p10le")


@recipe("hevc.mp4")
def hevc(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 10 frames, HEVC."""
    write(path, scenes.both[:10], codec="libx265", options=FAST | {"x265-params": "log-level=none:pools=1"})


@recipe("transparent.webm")
def transparent(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 55 frames, VP9 with an alpha channel; Vorbis of 2.2 s."""
    sound = ("vorbis", Fraction(0), Fraction(22, 10))
    write(path, scenes.both[:55], codec="libvpx-vp9", pix_fmt="yuva420p", options=VP9, sound=sound)


@recipe("reordered.mov")
def reordered(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 12 frames, H.264: B-frames, so that the order in the file is not the one shown."""
    write(path, scenes.both[:12], options={"preset": "veryfast", "bf": "3", "b-pyramid": "normal", "sc_threshold": "0"})


@recipe("damaged.mp4")
def damaged(scenes: Scenes, path: Path) -> None:
    """320×180, 25 frames/s, 50 frames in 5 groups, H.264: the 15th frame says that it is longer than it is."""
    write(path, scenes.both[:50], options=FAST | {"g": "10"})
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        place = packets[14].pos
    content = bytearray(path.read_bytes())
    struct.pack_into(">I", content, place, 0x7FFFFFFF)
    path.write_bytes(content)


@recipe("long.mp4")
def long(scenes: Scenes, path: Path) -> None:
    """1920×1080, 30 frames/s, 3600 frames in two minutes, H.264: the same two seconds again and again."""
    second = path.with_name("second.mp4")
    write(second, scenes.both[:60], Fraction(1, 30), (1920, 1080), options=FAST | {"crf": "40"})
    with av.open(str(second)) as once, av.open(str(path), "w") as container:
        packets = [packet for packet in once.demux(video=0) if packet.size]
        stream = container.add_stream_from_template(once.streams.video[0])
        length = packets[0].duration * len(packets)
        for _ in range(60):
            for packet in packets:
                packet.stream = stream
                container.mux(packet)
                packet.pts, packet.dts = packet.pts + length, packet.dts + length
