"""Small videos for the fuzzer: of every container and codec that can be made here, and those of POSECORE_DATA."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from posecore.assets import fetch

LARGEST = 64_000  # bytes of a file that is taken
VIDEOS = {  # by name: container, codecs of pictures and sound
    "h264.mp4": ("mp4", "libx264", "aac"),
    "mp3.mkv": ("matroska", "libx264", "mp3"),
    "hevc.mov": ("mov", "libx265", "pcm_s16le"),
    "vp9.webm": ("webm", "libvpx-vp9", "libopus"),
    "mpeg4.avi": ("avi", "mpeg4", "pcm_s16le"),
    "mpeg2.ts": ("mpegts", "mpeg2video", "mp2"),
    "portrait.mp4": ("mp4", "libx264", "aac"),  # turned by 90°, as telephones do
    "flv1.flv": ("flv", "flv1", "mp3"),
    "mjpeg.mov": ("mov", "mjpeg", "alac"),
    "theora.ogv": ("ogg", "libtheora", "flac"),
}
NO_VIDEOS = (".json", ".py", ".sh", ".md", ".txt", ".pbtxt")


@dataclass(frozen=True)
class Seed:
    """A sound file.

    beside: files that belong to it, by name. sound: where packets of sound are, (begin, end).
    promises: numbers that its header has: sizes, lengths, rates.
    """

    kind: str
    name: str
    content: bytes
    beside: dict[str, bytes] = field(default_factory=dict)
    sound: tuple[tuple[int, int], ...] = ()
    promises: tuple[int, ...] = ()


def find_videos(folder: Path) -> Iterator[Seed]:
    """Seeds of all of them. folder: to make them in."""
    for name in VIDEOS:
        if set(VIDEOS[name][1:]) <= av.codecs_available:
            yield seed_of(write_video(folder, name))
    write_person(folder / "person.mp4")
    yield seed_of(folder / "person.mp4")
    data = os.environ.get("POSECORE_DATA")
    for part in ("odd", "videos") if data else ():
        for path in sorted(Path(data, part).rglob("*")):
            small = path.is_file() and 0 < path.stat().st_size <= LARGEST and path.parent.name != "coco"
            if small and path.suffix not in NO_VIDEOS:
                yield seed_of(path)


def write_person(path: Path) -> None:
    """Three frames of the demo clip, in which somebody is found."""
    with av.open(str(fetch("demo"))) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if 110 <= number < 113:
                small = frame.reformat(640, 360, "yuv420p")
                small.pts, small.pict_type = None, 0
                target.mux(stream.encode(small))
            if number == 113:
                break
        target.mux(stream.encode(None))


def write_video(folder: Path, name: str) -> Path:
    """One of VIDEOS: ten frames of 96×64 at 10 frames/s, and a second of a tone."""
    path, (container, video, audio) = folder / name, VIDEOS[name]
    with av.open(str(path), "w", format=container) as file:
        pictures = file.add_stream(video, rate=10, options={"x265-params": "log-level=none"} if "265" in video else {})
        pictures.width, pictures.height = 96, 64
        if path.stem == "portrait":
            pictures.set_display_rotation(90)
        pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
        sound = file.add_stream(audio, rate=44100 if audio != "libopus" else 48000, layout="stereo")
        places = np.indices((64, 96)).sum(axis=0)
        for number in range(10):
            picture = (places[..., None] * (1, 2, 3) + 20 * number).astype(np.uint8)
            file.mux(pictures.encode(av.VideoFrame.from_ndarray(picture)))
        rate, resampler = sound.codec_context.sample_rate, av.AudioResampler(sound.format, "stereo", sound.rate)
        tone = np.sin(np.arange(rate) * 2 * np.pi * 440 / rate).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), "fltp", "stereo")
        frame.rate = rate
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(sound.encode(part))
        file.mux(pictures.encode(None))
        file.mux(sound.encode(None))
    return path


def seed_of(path: Path) -> Seed:
    """A seed of a file, whatever FFmpeg can say of it."""
    sound, promises = [], set()
    with suppress(av.FFmpegError), av.open(str(path)) as file:
        for stream in (*file.streams.video, *file.streams.audio):
            names = ("width", "height", "duration", "frames", "sample_rate")
            promises |= {getattr(stream, name, None) for name in names}  # an unknown codec has fewer
        packets = file.demux(file.streams.audio) if file.streams.audio else ()
        sound = [(packet.pos, packet.pos + packet.size) for packet in packets if packet.size and packet.pos is not None]
    kept = tuple(sorted(number for number in promises if number))
    return Seed("video", path.name, path.read_bytes(), sound=tuple(sound), promises=kept)
