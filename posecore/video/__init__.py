"""File → frames, frames → file.

In: a media file or a live source, opened by FFmpeg through PyAV. Out: every frame once, upright, with square pixels, at
its true time; and the way back, with sound. Nothing here knows of people. Of the other rooms it imports none; the only
one with av.
"""

from posecore.video.color import Color
from posecore.video.container import check_size, is_fragile, output_format
from posecore.video.devices import list_cameras
from posecore.video.frame import Frame, VideoFrame, plane_array, screen_array
from posecore.video.info import VideoInfo
from posecore.video.join import join_videos
from posecore.video.live_input import LiveInput
from posecore.video.live_source import Arrival, LiveSource
from posecore.video.reader import VideoReader, promised_ms
from posecore.video.segment import Segment
from posecore.video.writer import VideoWriter

__all__ = [
    "Arrival",
    "Color",
    "Frame",
    "LiveInput",
    "LiveSource",
    "Segment",
    "VideoFrame",
    "VideoInfo",
    "VideoReader",
    "VideoWriter",
    "check_size",
    "is_fragile",
    "join_videos",
    "list_cameras",
    "output_format",
    "plane_array",
    "promised_ms",
    "screen_array",
]
