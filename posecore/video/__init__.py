"""File → frames, frames → file.

In: a media file or a live source, opened by FFmpeg through PyAV. Out: every frame once, upright, with square pixels, at
its true time; and the way back, with sound. Nothing here knows of people. Of the other rooms it imports none; the only
one with av.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.video.color import Color as Color
    from posecore.video.container import (
        check_size as check_size,
        is_fragile as is_fragile,
        output_format as output_format,
    )
    from posecore.video.devices import list_cameras as list_cameras
    from posecore.video.frame import (
        Frame as Frame,
        VideoFrame as VideoFrame,
        plane_array as plane_array,
        screen_array as screen_array,
    )
    from posecore.video.info import VideoInfo as VideoInfo
    from posecore.video.join import join_videos as join_videos
    from posecore.video.live_input import LiveInput as LiveInput
    from posecore.video.live_source import Arrival as Arrival, LiveSource as LiveSource
    from posecore.video.reader import VideoReader as VideoReader, promised_ms as promised_ms
    from posecore.video.segment import Segment as Segment
    from posecore.video.writer import VideoWriter as VideoWriter

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "color": ("Color",),
        "container": ("check_size", "is_fragile", "output_format"),
        "devices": ("list_cameras",),
        "frame": ("Frame", "VideoFrame", "plane_array", "screen_array"),
        "info": ("VideoInfo",),
        "join": ("join_videos",),
        "live_input": ("LiveInput",),
        "live_source": ("Arrival", "LiveSource"),
        "reader": ("VideoReader", "promised_ms"),
        "segment": ("Segment",),
        "writer": ("VideoWriter",),
    },
)
