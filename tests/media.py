"""What a media file holds according to the demuxer, independently of posecore's own reader."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from posecore.video import VideoReader, VideoWriter

# The ordinary ones of the real videos, with their size as displayed; None: as stored.
REAL = {
    "Demo_SinglePerson_cam01.mp4": None,
    "bear-vp9-odd-dimensions.webm": None,
    "bitmap.mp4": None,
    "bottle-detection.mp4": None,
    "demo_demo_skeleton.mp4": None,
    "doc_example3.mp4": None,
    "frames.webm": None,
    "h264_10bits.mp4": None,
    "h265_video.mp4": None,
    "multi_person_demo.mp4": None,
    "no_duration.webm": None,
    "one-by-one-person-detection.mp4": None,
    "pose_squats.mp4": None,
    "rotate-buck-bunny.mp4": (1080, 1920),
    "sample_av1.mp4": None,
    "sar_2x1.mp4": (1280, 360),
    "transparent.webm": None,
    "unordered.mov": None,
    "video_0.mov": None,
    "video_90.mov": (320, 568),
    "video_180.mov": None,
    "video_270.mov": (320, 568),
}


@dataclass
class Track:
    """Canonical name of the codec; times of the packets in seconds from the file's start, sorted; end of the last."""

    codec: str
    times: list[float]
    end: float


def demux(path: Path) -> tuple[Track, list[Track]]:
    """The video track and the audio tracks; packets that are marked as not to be shown are left out."""
    with av.open(str(path)) as container:
        start = Fraction(container.start_time or 0, av.time_base)
        streams = [container.streams.video[0], *container.streams.audio]
        packets: dict[int, list] = {stream.index: [] for stream in streams}
        for packet in container.demux(streams):
            if packet.size and not packet.is_discard:
                time = packet.pts * packet.time_base - start
                end = time + (packet.duration or 0) * packet.time_base
                packets[packet.stream.index].append((float(time), float(end)))
        tracks = [
            Track(
                stream.codec_context.codec.canonical_name,
                sorted(time for time, _ in packets[stream.index]),
                _end(container, stream, packets[stream.index]),
            )
            for stream in streams
        ]
    return tracks[0], tracks[1:]


def _end(container, stream, packets: list) -> float:
    """As the header says; a packet's own duration is that to the next one in decoding order."""
    first = min(packets)[0]
    if stream.type == "video" and stream.duration:
        return first + float(stream.duration * stream.time_base)
    if len(container.streams) == 1 and container.duration:
        return container.duration / av.time_base
    return max(end for _, end in packets)


def decode(path: Path, *numbers: int) -> list[np.ndarray]:
    """Some frames as RGB, as stored in the file."""
    with av.open(str(path)) as container:
        return [f.to_ndarray(format="rgb24") for i, f in enumerate(container.decode(video=0)) if i in numbers]


def top_level_boxes(path: Path) -> list[str]:
    """The order of the boxes of an MP4 file."""
    names, data, position = [], path.read_bytes(), 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        names.append(data[position + 4 : position + 8].decode("latin-1"))
        position += size or len(data)
    return names


def cut(source: Path, target: Path, start: int, count: int, width: int = 320) -> None:
    """A small H.264 clip of some frames of a video, at 30 frames/s."""
    with av.open(str(source)) as video, av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        frames = [f for f, _ in zip(video.decode(video=0), range(start + count), strict=False)][start:]
        stream.width, stream.height = width, round(width * frames[0].height / frames[0].width / 2) * 2
        for number, frame in enumerate(frames):
            small = frame.reformat(stream.width, stream.height, "yuv420p")
            small.pts, small.time_base, small.pict_type = number, Fraction(1, 30), 0
            out.mux(stream.encode(small))
        out.mux(stream.encode(None))


def copy(source: Path, target: Path) -> Path:
    """A video as posecore reads and writes it, with its sound; nothing is drawn."""
    with VideoReader(source) as video, VideoWriter(target, video.info, sound_of=source) as writer:
        for frame in video:
            writer.write(frame.image, frame.time, frame.duration)
    return target
