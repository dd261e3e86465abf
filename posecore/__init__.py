"""Video of a person in, COCO-17 keypoints out: video → frames → landmarks → keypoints → overlay / JSON → OKS.

    from posecore import VideoReader, open_estimator
    with VideoReader("video.mp4") as video, open_estimator() as estimator:
        for frame in video:
            persons = estimator(frame.image, frame.timestamp_ms)

The public names are imported when first used, so that `import posecore` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "FramePose": "pose",
    "Keypoints": "pose",
    "Landmarks": "pose",
    "KEYPOINT_NAMES": "coco",
    "LANDMARK_NAMES": "coco",
    "SKELETON": "coco",
    "to_coco": "coco",
    "Options": "options",
    "VideoReader": "video",
    "VideoWriter": "writer",
    "Landmarker": "estimator",
    "PoseEstimator": "estimator",
    "open_estimator": "estimator",
    "draw_label": "render",
    "draw_pose": "render",
    "DocumentWriter": "document",
    "read_document": "document",
    "Summary": "pipeline",
    "process_video": "pipeline",
}
__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'posecore' has no attribute {name!r}")
    return getattr(import_module(f"posecore.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
