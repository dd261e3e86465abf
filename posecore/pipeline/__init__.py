"""The whole way of one video: decode → infer → draw → encode side by side, and the document.

In: a video file or a live source, and options. Out: the annotated video, the JSON document, and a summary; the video
alone where the document is there already. It puts together what it imports: video, estimator, overlay and formats, and
the file of a model from models.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.pipeline.device_check import (
        DeviceCheck as DeviceCheck,
        check_device as check_device,
        check_first_use as check_first_use,
        pictures_of as pictures_of,
    )
    from posecore.pipeline.draw import draw_video as draw_video
    from posecore.pipeline.jumps import Jumps as Jumps
    from posecore.pipeline.live import process_live as process_live
    from posecore.pipeline.live_meter import LiveSummary as LiveSummary
    from posecore.pipeline.meter import Summary as Summary
    from posecore.pipeline.prefetch import Prefetch as Prefetch
    from posecore.pipeline.process import process_video as process_video
    from posecore.pipeline.window import Window as Window

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "device_check": ("DeviceCheck", "check_device", "check_first_use", "pictures_of"),
        "draw": ("draw_video",),
        "jumps": ("Jumps",),
        "live": ("process_live",),
        "live_meter": ("LiveSummary",),
        "meter": ("Summary",),
        "prefetch": ("Prefetch",),
        "process": ("process_video",),
        "window": ("Window",),
    },
)
