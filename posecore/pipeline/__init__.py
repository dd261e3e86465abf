"""The whole way of one video: decode → infer → draw → encode side by side, and the document.

In: a video file and options. Out: the annotated video, the JSON document, and a summary; the video alone where the
document is there already. It puts together what it imports: video, estimator, overlay and formats, and the file of a
model from models.
"""

from posecore.pipeline.draw import draw_video
from posecore.pipeline.jumps import Jumps
from posecore.pipeline.meter import Summary
from posecore.pipeline.prefetch import Prefetch
from posecore.pipeline.process import process_video

__all__ = ["Jumps", "Prefetch", "Summary", "draw_video", "process_video"]
