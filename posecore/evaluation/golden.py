"""Clips for which others published where the keypoints are in every frame."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES, LANDMARK_OF_KEYPOINT
from posecore.evaluation.dataset import PathLike, read_json


def golden_folder(default: PathLike = "data") -> Path:
    """The folder with pose_1 and pose_squats: videos/ in $POSECORE_DATA, in `default` when that is not set.

    Raises FileNotFoundError, with what to get, when they are not there.
    """
    folder = Path(os.environ.get("POSECORE_DATA") or default).expanduser() / "videos"
    for name in ("pose_1.mp4", "pose_1.json", "pose_squats.mp4", "pose_squats.full.json"):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder}: no {name}; it is test data of pose-detection in tensorflow/tfjs-models, set POSECORE_DATA "
                "to the folder that holds videos/"
            )
    return folder


def read_golden(path: PathLike) -> NDArray[np.float64]:
    """(frames, 17, 2) pixels: the keypoints of the clip, from a file of 33 landmarks a frame or of keypoints by name.

    Raises OSError or ValueError when it cannot be read.
    """
    frames = read_json(path)
    try:
        if isinstance(frames[0], dict):
            return np.array([[[frame[name]["x"], frame[name]["y"]] for name in KEYPOINT_NAMES] for frame in frames])
        return np.array(frames, float)[:, LANDMARK_OF_KEYPOINT, :2]
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: neither 33 landmarks a frame nor keypoints by name ({error!r})") from error
