"""A correction is found where there is one, and nobody is corrected by what is known of himself."""

from collections import Counter

import numpy as np
import pytest
from people import dataset, person

from posecore.coco import to_person
from posecore.coco_correction import CocoCorrection, Posture
from posecore.evaluation import cross_corrected, fit_correction, pose_pairs
from posecore.evaluation.correction import FOLDS, MIRRORED_LANDMARKS, Pairs, _folds
from posecore.pose import Landmarks

WIDTH, HEIGHT = 640, 480  # of people.dataset
IMAGES = range(1, 61)
UPRIGHT = np.column_stack([np.linspace(-1, 1, 33) % 0.4, np.linspace(0, 2, 33)])  # a body, roughly


def bodies():
    """By image a pose, and the annotations: labels are a fortieth of the body to the right of the keypoints."""
    rng = np.random.default_rng(3)
    poses, people = {}, []
    for image_id in IMAGES:
        xy = 320 + 80 * (UPRIGHT + rng.normal(0, 0.1, (33, 2)))
        xyz = np.column_stack([xy / [WIDTH, HEIGHT], np.zeros(33)]).astype(np.float32)
        found = to_person(Landmarks(xyz, np.ones(33, np.float32), np.ones(33, np.float32)), WIDTH, HEIGHT)
        posture = Posture.of(found.landmarks.xyz[:, :2] * np.array([WIDTH, HEIGHT]))
        labels = found.keypoints.xy + posture.size / 40 * posture.axes[1]
        keypoints = np.column_stack([labels, np.full(17, 2)]).ravel().tolist()
        poses[image_id] = [found]
        people.append(person(image_id, id=image_id, keypoints=keypoints, area=40000.0))
    return poses, dataset(*people, images=IMAGES)


def test_a_correction_is_found():
    poses, truth = bodies()
    pairs = pose_pairs(truth, [poses])
    assert pairs.image_id.tolist() == list(IMAGES) and pairs.known.all()
    found = fit_correction(pairs)
    np.testing.assert_allclose(found.constant, np.tile([0, 1 / 40], (17, 1)), atol=1e-3)
    for image_id, (pose,) in poses.items():
        labels = np.reshape(truth["annotations"][image_id - 1]["keypoints"], (17, 3))[:, :2]
        assert np.abs(found(pose, WIDTH, HEIGHT).keypoints.xy - labels).max() < 0.1


def test_nobody_is_corrected_by_what_is_known_of_himself():
    poses, truth = bodies()
    own = cross_corrected(truth, {"lite": poses}, pose_pairs(truth, [poses]))["lite"]
    changed = truth["annotations"][6]
    changed["keypoints"] = [value + 5 * (n % 3 == 0) for n, value in enumerate(changed["keypoints"])]
    after = cross_corrected(truth, {"lite": poses}, pose_pairs(truth, [poses]))["lite"]
    same = {i for i in IMAGES if (own[i][0].keypoints.xy == after[i][0].keypoints.xy).all()}
    folds = _folds(IMAGES)
    assert same == {i for i in IMAGES if folds[i] == folds[7]}
    assert set(Counter(folds.values()).values()) == {len(IMAGES) // FOLDS}


def test_left_and_right_of_the_mirrored_world():
    points = np.random.default_rng(1).normal(size=(4, 33, 2))
    pairs = Pairs(np.arange(4), points, np.zeros((4, 17, 2)), np.ones((4, 17), bool)).with_mirrored()
    np.testing.assert_array_equal(pairs.points[4:][:, MIRRORED_LANDMARKS] * [-1, 1], points)
    assert pairs.image_id.tolist() == [0, 1, 2, 3] * 2


def test_poses_of_nobody_teach_nothing():
    poses, truth = bodies()
    for human in truth["annotations"]:
        human["keypoints"] = person(x=0, y=0, size=5)["keypoints"]
    with pytest.raises(ValueError, match="nothing to learn from"):
        pose_pairs(truth, [poses])


def test_numbers_survive_the_file(tmp_path):
    poses, truth = bodies()
    found = fit_correction(pose_pairs(truth, [poses]))
    again = CocoCorrection(**{name: np.array(values) for name, values in found.to_json().items()})
    np.testing.assert_allclose(again.weights, found.weights, atol=1e-5)
