"""Video in, COCO-17 keypoints out: video → frames → people → keypoints → overlay / JSON → OKS.

    from posecore import VideoReader, open_estimator
    with VideoReader("video.mp4") as video, open_estimator() as estimator:
        for frame in video:
            persons = estimator(frame)

The public names are imported when first used, so that `import posecore` costs nothing.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.coco import (
        KEYPOINT_NAMES as KEYPOINT_NAMES,
        LANDMARK_NAMES as LANDMARK_NAMES,
        SKELETON as SKELETON,
        to_coco as to_coco,
        to_person as to_person,
    )
    from posecore.estimator import PoseEstimator as PoseEstimator, open_estimator as open_estimator
    from posecore.formats import DocumentWriter as DocumentWriter, read_document as read_document
    from posecore.models import Landmarker as Landmarker
    from posecore.options import Options as Options, Style as Style
    from posecore.overlay import draw_label as draw_label, draw_pose as draw_pose
    from posecore.pipeline import Summary as Summary, draw_video as draw_video, process_video as process_video
    from posecore.pose import FramePose as FramePose, Keypoints as Keypoints, Landmarks as Landmarks, Person as Person
    from posecore.video import (
        Frame as Frame,
        LiveInput as LiveInput,
        LiveSource as LiveSource,
        VideoInfo as VideoInfo,
        VideoReader as VideoReader,
        VideoWriter as VideoWriter,
    )

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "coco": ("KEYPOINT_NAMES", "LANDMARK_NAMES", "SKELETON", "to_coco", "to_person"),
        "estimator": ("PoseEstimator", "open_estimator"),
        "formats": ("DocumentWriter", "read_document"),
        "models": ("Landmarker",),
        "options": ("Options", "Style"),
        "overlay": ("draw_label", "draw_pose"),
        "pipeline": ("Summary", "draw_video", "process_video"),
        "pose": ("FramePose", "Keypoints", "Landmarks", "Person"),
        "video": ("Frame", "LiveInput", "LiveSource", "VideoInfo", "VideoReader", "VideoWriter"),
    },
)
