"""Convert an odd file, and look at what became of it with PyAV alone, independently of posecore's own reader."""

from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from posecore.video import VideoReader, VideoWriter

CONTAINERS = (".mp4", ".mov", ".mkv", ".webm")
WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}


@dataclass
class Converted:
    """ms, times: of the frames; size: (width, height); fps: frames per second; problems: what was said of it."""

    path: Path
    ms: list[int] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    fps: float = 0
    problems: list[str] = field(default_factory=list)


def convert(source: Path, target: Path) -> Converted:
    """Every frame of a video into another, with its sound, as the command does it but for the drawing."""
    with VideoReader(source, 1) as video:
        done = Converted(target, size=video.info.size, fps=float(video.info.fps))
        with VideoWriter(target, video.info, sound_of=source, threads=1) as writer:
            for frame in video:
                done.ms.append(frame.timestamp_ms)
                writer.write(frame.yuv(writer.pixel_format), frame.time, frame.duration)
        done.problems = [problem for problem in (video.problem, writer.problem) if problem]
    return done


@dataclass
class Pictures:
    """What a file shows.

    seconds: of every picture; length: from the first to the end of the last; luma: of their middles; frames: as RGB,
    (height, width, 3), by the tags of the file.
    """

    seconds: list[float]
    length: float
    luma: list[int]
    size: tuple[int, int]
    matrix: int
    format: str
    frames: list[np.ndarray]

    def bars(self, number: int = 0) -> np.ndarray:
        """(6, 3): the colours in the middle of six upright bars."""
        width = self.frames[number].shape[1] // 6
        middle = self.frames[number].shape[0] // 2
        return np.array([self.frames[number][middle, width * bar + width // 2] for bar in range(6)])


def pictures(path: Path) -> Pictures:
    """What a video file shows."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        seconds = [float(frame.pts * stream.time_base) for frame in frames]
        return Pictures(
            seconds,
            seconds[-1] - seconds[0] + float(frames[-1].duration * stream.time_base),
            [
                int(
                    np.frombuffer(f.planes[0], np.uint8).reshape(-1, f.planes[0].line_size)[f.height // 2, f.width // 2]
                )
                for f in frames
            ],
            (stream.width, stream.height),
            frames[0].colorspace,
            stream.codec_context.pix_fmt,
            [_rgb(frame) for frame in frames],
        )


def _rgb(frame: av.VideoFrame) -> np.ndarray:
    """By the formulas of the matrix that the picture says; BT.601 where it says nothing."""
    planes = [
        np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[: p.height, : p.width].astype(float) for p in frame.planes
    ]
    if planes[1].shape != planes[0].shape:
        planes[1:] = [p.repeat(2, 0).repeat(2, 1)[: frame.height, : frame.width] for p in planes[1:]]
    y, u, v = (planes[0] - 16) / 219, (planes[1] - 128) / 224, (planes[2] - 128) / 224
    red, blue = WEIGHTS[frame.colorspace] if frame.colorspace != 2 else WEIGHTS[6]
    r, b = y + 2 * (1 - red) * v, y + 2 * (1 - blue) * u
    g = (y - red * r - blue * b) / (1 - red - blue)
    return np.clip(np.rint(255 * np.stack([r, g, b], axis=-1)), 0, 255)


@dataclass
class Sound:
    """seconds: how long; pitches: Hz of each channel; rising: whether the times of the packets only rise."""

    codec: str
    rate: int
    seconds: float
    samples: np.ndarray
    rising: bool

    def pitches(self, begin: float = 0, end: float | None = None) -> list[float]:
        """The loudest tone of each channel in a part of it."""
        part = self.samples[:, round(begin * 48000) : None if end is None else round(end * 48000)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(part.shape[1]), 4 * 48000))
        return [float(row.argmax()) / 4 for row in spectrum]


def sounds(path: Path) -> list[Sound]:
    """The sound tracks of a file."""
    found = []
    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    for number in range(count):
        with av.open(str(path)) as container:
            stream = container.streams.audio[number]
            layout = "mono" if stream.codec_context.channels == 1 else "stereo"
            resampler = av.AudioResampler("fltp", layout, 48000)
            times, parts = [], []
            for packet in container.demux(stream):
                times += [packet.dts] if packet.size else []
                parts += [part.to_ndarray() for frame in packet.decode() for part in resampler.resample(frame)]
            parts += [part.to_ndarray() for part in resampler.resample(None)]
            samples = np.concatenate(parts, axis=1)
            name = stream.codec_context.codec.canonical_name
            rising = bool(np.all(np.diff(times) > 0))
            found.append(Sound(name, stream.codec_context.sample_rate, samples.shape[1] / 48000, samples, rising))
    return found
