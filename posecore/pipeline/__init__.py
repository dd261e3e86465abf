"""The whole way of one video: decode → infer → draw → encode side by side, and the document.

In: a video file or a live source, and options. Out: the annotated video, the JSON document, and a summary; the video
alone where the document is there already. It puts together what it imports: video, estimator, overlay and formats, and
the file of a model from models.
"""

from posecore.pipeline.device_check import DeviceCheck, check_device, check_first_use, pictures_of
from posecore.pipeline.draw import draw_video
from posecore.pipeline.jumps import Jumps
from posecore.pipeline.live import process_live
from posecore.pipeline.live_meter import LiveSummary
from posecore.pipeline.meter import Summary
from posecore.pipeline.prefetch import Prefetch
from posecore.pipeline.process import process_video
from posecore.pipeline.window import Window

__all__ = [
    "DeviceCheck",
    "Jumps",
    "LiveSummary",
    "Prefetch",
    "Summary",
    "Window",
    "check_device",
    "check_first_use",
    "draw_video",
    "pictures_of",
    "process_live",
    "process_video",
]
