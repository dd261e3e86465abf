"""COCO's 17 keypoints: their names, skeleton and scale, and the way from BlazePose's 33 landmarks to them."""

import numpy as np

from posecore.pose import Keypoints, Landmarks, Person

# The order of MediaPipe's PoseLandmark enumeration.
LANDMARK_NAMES = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)

# The order of `keypoints` in COCO's person category.
KEYPOINT_NAMES = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)

# `skeleton` of COCO's person category, counted from 0.
SKELETON = (
    (15, 13),
    (13, 11),
    (16, 14),
    (14, 12),
    (11, 12),
    (5, 11),
    (6, 12),
    (5, 6),
    (5, 7),
    (6, 8),
    (7, 9),
    (8, 10),
    (1, 2),
    (0, 1),
    (0, 2),
    (1, 3),
    (2, 4),
    (3, 5),
    (4, 6),
)

# Every left keypoint with its right one: what a mirrored picture exchanges.
LEFT_RIGHT_PAIRS = tuple(
    (KEYPOINT_NAMES.index(name), KEYPOINT_NAMES.index(name.replace("left_", "right_")))
    for name in KEYPOINT_NAMES
    if name.startswith("left_")
)

# Which keypoint stands in the place of each in a mirrored picture, (17,).
MIRRORED = np.arange(len(KEYPOINT_NAMES))
MIRRORED[np.array(LEFT_RIGHT_PAIRS).T.ravel()] = np.array(LEFT_RIGHT_PAIRS)[:, ::-1].T.ravel()

# Per-keypoint standard deviation of COCO's annotators, in units of √area (pycocotools, `kpt_oks_sigmas`).
OKS_SIGMAS = np.array(
    [0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]
) / 10  # fmt: skip

# Where each keypoint is among the landmarks, (17,).
LANDMARK_OF_KEYPOINT = [LANDMARK_NAMES.index(name) for name in KEYPOINT_NAMES]


def to_coco(landmarks: Landmarks, width: int, height: int) -> Keypoints:
    """Pick the 17 COCO keypoints from 33 landmarks and scale them to a picture of width × height pixels.

    A keypoint's score is max(visibility, presence). A keypoint that is not finite counts as not found: x, y and
    score 0.
    """
    chosen = LANDMARK_OF_KEYPOINT
    xy = landmarks.xyz[chosen, :2] * np.array([width, height], np.float32)
    score = np.maximum(landmarks.visibility[chosen], landmarks.presence[chosen])
    found = np.isfinite(xy).all(axis=1) & np.isfinite(score)
    return Keypoints(
        xy=np.where(found[:, None], xy, 0).astype(np.float32),
        score=np.where(found, np.clip(score, 0, 1), 0).astype(np.float32),
    )


def to_person(landmarks: Landmarks, width: int, height: int) -> Person:
    """The person whom 33 landmarks describe, in a picture of width × height pixels.

    The score is the root of the mean squared visibility of the 17 keypoints, which ranks poses best of all that was
    tried on COCO (eval/README.md). The box is the extent of the keypoints.
    """
    visibility = landmarks.visibility[LANDMARK_OF_KEYPOINT]
    score = float(np.sqrt((visibility * visibility).mean()))
    return Person.around(to_coco(landmarks, width, height), score if np.isfinite(score) else 0.0, landmarks)
