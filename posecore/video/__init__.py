"""File → frames, frames → file.

In: a media file, opened by FFmpeg through PyAV. Out: every frame once, upright, with square pixels, at its true time;
and the way back, with sound. Nothing here knows of people. Of the other rooms it imports none; the only one with av.
"""

from posecore.video.color import Color
from posecore.video.container import check_size, output_format
from posecore.video.frame import Frame, plane_array
from posecore.video.info import VideoInfo
from posecore.video.join import join_videos
from posecore.video.reader import VideoReader, promised_ms
from posecore.video.segment import Segment
from posecore.video.writer import VideoWriter

__all__ = [
    "Color",
    "Frame",
    "Segment",
    "VideoInfo",
    "VideoReader",
    "VideoWriter",
    "check_size",
    "join_videos",
    "output_format",
    "plane_array",
    "promised_ms",
]
