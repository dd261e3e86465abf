"""What others published of two real clips: where their points are in every frame, without a video to look at."""

import json
from pathlib import Path

import numpy as np

from posecore.coco import KEYPOINT_NAMES


def pose_1(videos: Path) -> np.ndarray:
    """(120, 17, 2) pixels of 576 × 576, 30 frames/s: one who swings the arms, by MoveNet Lightning, smoothed."""
    frames = json.loads((videos / "pose_1.json").read_text())
    return np.array([[[frame[name]["x"], frame[name]["y"]] for name in KEYPOINT_NAMES] for frame in frames])
