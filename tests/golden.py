"""What others published of a real clip: where its points are in every frame, without a video to look at."""

from pathlib import Path

import numpy as np

from posecore.evaluation import read_golden


def pose_1(videos: Path) -> np.ndarray:
    """(120, 17, 2) pixels of 576 × 576, 30 frames/s: one who swings the arms, by MoveNet Lightning, smoothed."""
    return read_golden(videos / "pose_1.json")
