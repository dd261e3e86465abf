import json

import numpy as np
import pytest

from posecore.coco import (
    KEYPOINT_NAMES,
    LANDMARK_NAMES,
    LEFT_RIGHT_PAIRS,
    OKS_SIGMAS,
    SKELETON,
    to_coco,
)
from posecore.pose import Landmarks


def numbered_landmarks() -> Landmarks:
    """Landmark i lies at (i, 100 + i) hundredths, with visibility i/100 and presence 0.2."""
    index = np.arange(33, dtype=np.float32)
    xyz = np.stack([index / 100, (100 + index) / 100, 0 * index], axis=1)
    return Landmarks(xyz, index / 100, np.full(33, 0.2, np.float32))


def test_person_category_is_that_of_the_annotation_file(coco):
    file = coco / "annotations/person_keypoints_val2017.json"
    (category,) = json.loads(file.read_text())["categories"]
    assert list(KEYPOINT_NAMES) == category["keypoints"]
    assert [[a + 1, b + 1] for a, b in SKELETON] == category["skeleton"]


def test_sigmas_are_pycocotools():
    from pycocotools.cocoeval import Params

    np.testing.assert_array_equal(OKS_SIGMAS, Params("keypoints").kpt_oks_sigmas)


def test_every_keypoint_comes_from_the_landmark_that_blazepose_documents():
    documented = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
    assert len(LANDMARK_NAMES) == len(set(LANDMARK_NAMES)) == 33
    keypoints = to_coco(numbered_landmarks(), width=1000, height=100)
    for i, landmark in enumerate(documented):
        np.testing.assert_allclose(keypoints.xy[i], [10 * landmark, 100 + landmark], rtol=1e-6)


def test_score_is_the_larger_of_visibility_and_presence():
    score = to_coco(numbered_landmarks(), 10, 10).score
    assert score[KEYPOINT_NAMES.index("nose")] == pytest.approx(0.2)  # visibility 0.00
    assert score[KEYPOINT_NAMES.index("right_ankle")] == pytest.approx(0.28)  # visibility 0.28


def test_left_and_right_are_never_exchanged():
    """Every left landmark in the left half of the picture, every right one in the right half."""
    x = [0.25 if "left" in name else 0.75 if "right" in name else 0.5 for name in LANDMARK_NAMES]
    xyz = np.stack([x, np.zeros(33), np.zeros(33)], axis=1).astype(np.float32)
    ones = np.ones(33, np.float32)
    keypoints = to_coco(Landmarks(xyz, ones, ones), 400, 400)
    assert len(LEFT_RIGHT_PAIRS) == 8
    for left, right in LEFT_RIGHT_PAIRS:
        assert keypoints.xy[left, 0] == 100
        assert keypoints.xy[right, 0] == 300


def test_what_is_not_finite_counts_as_not_found():
    landmarks = numbered_landmarks()
    landmarks.xyz[0, 0], landmarks.visibility[LANDMARK_NAMES.index("left_ear")] = np.nan, np.inf
    keypoints = to_coco(landmarks, 10, 10)
    assert np.isfinite(keypoints.xy).all() and np.isfinite(keypoints.score).all()
    for name in ("nose", "left_ear"):
        i = KEYPOINT_NAMES.index(name)
        assert (*keypoints.xy[i], keypoints.score[i]) == (0, 0, 0)
