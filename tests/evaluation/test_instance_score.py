"""The number that ranks poses."""

import numpy as np
import pytest

from posecore.coco import KEYPOINT_NAMES, LANDMARK_NAMES, to_coco, to_person
from posecore.evaluation.instance_score import INSTANCE_SCORES, instance_score
from posecore.options import INSTANCE_SCORE
from posecore.pose import Landmarks


def pose(visibility, presence):
    """33 landmarks; both arguments a number or 33 numbers."""
    n = len(LANDMARK_NAMES)
    return Landmarks(
        np.zeros((n, 3), np.float32), np.broadcast_to(np.float32(visibility), n),
        np.broadcast_to(np.float32(presence), n),
    )  # fmt: skip


@pytest.mark.parametrize("name", INSTANCE_SCORES)
def test_scores_lie_between_none_and_full(name):
    assert instance_score(pose(0, 0), name) == pytest.approx(0, abs=1e-5)
    assert instance_score(pose(1, 1), name) == pytest.approx(1)
    values = np.random.default_rng(0).random((2, 33))
    assert 0 <= instance_score(pose(*values), name) <= 1


def test_scores_of_equal_landmarks():
    values = {name: instance_score(pose(0.4, 0.8), name) for name in INSTANCE_SCORES}
    expected = dict.fromkeys(INSTANCE_SCORES, 0.4) | {
        "mean-max": 0.8, "mean-presence": 0.8, "mean-product": 0.32, "product-of-means": 0.32
    }  # fmt: skip
    assert values == pytest.approx(expected, abs=1e-6)


def test_the_default_looks_at_visibility_of_the_17_only():
    chosen = np.isin(LANDMARK_NAMES, KEYPOINT_NAMES)
    visibility = np.where(chosen, np.linspace(0.1, 0.9, 33), 0.77)
    expected = np.sqrt((visibility[chosen] ** 2).mean())
    assert instance_score(pose(visibility, 0.3)) == pytest.approx(expected, abs=1e-6)
    assert instance_score(pose(np.where(chosen, visibility, 0), 1.0)) == pytest.approx(expected, abs=1e-6)
    assert to_person(pose(visibility, 0.3), 10, 10).score == pytest.approx(expected, abs=1e-6)
    assert instance_score(pose(visibility, 0.3), INSTANCE_SCORE) == instance_score(pose(visibility, 0.3))


def test_mean_max_is_the_pose_score_of_the_document():
    landmarks = pose(*np.random.default_rng(1).random((2, 33)))
    assert instance_score(landmarks, "mean-max") == pytest.approx(to_coco(landmarks, 10, 10).score.mean(), abs=1e-6)


def test_an_unknown_name():
    with pytest.raises(ValueError, match=r"best: unknown instance score; known are mean-max, "):
        instance_score(pose(1, 1), "best")
