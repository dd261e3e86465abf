"""The correction of BlazePose's keypoints: small, the same for everyone however large, turned or mirrored, and said."""

import json
from dataclasses import replace
from importlib.resources import files

import cv2
import numpy as np
import pytest
from media import cut

from posecore import Landmarks, Options, open_estimator, process_video
from posecore.coco import MIRRORED, to_person
from posecore.coco_correction import CocoCorrection, Posture
from posecore.evaluation.correction import MIRRORED_LANDMARKS
from posecore.formats import read_document

WIDTH, HEIGHT = 640, 480


@pytest.fixture(scope="module")
def correct():
    return CocoCorrection.read()


@pytest.fixture(scope="module")
def woman(videos):
    """A real pose."""
    image = cv2.cvtColor(cv2.imread(str(videos / "pose.jpg")), cv2.COLOR_BGR2RGB)
    with open_estimator("openvino", 0, mode="image") as estimator:
        (found,) = estimator(cv2.resize(image, (WIDTH, HEIGHT)))
    return found


def moved(person, change):
    """The person with other landmarks: `change` of what they are in pixels."""
    size = np.array([WIDTH, HEIGHT], np.float32)
    xyz = np.column_stack([change(person.landmarks.xyz[:, :2] * size) / size, person.landmarks.xyz[:, 2]])
    return to_person(replace(person.landmarks, xyz=xyz.astype(np.float32)), WIDTH, HEIGHT)


def test_keypoints_are_moved_a_little_and_scores_are_not(correct, woman):
    after = correct(woman, WIDTH, HEIGHT)
    size = Posture.of(woman.landmarks.xyz[:, :2] * np.array([WIDTH, HEIGHT])).size
    distance = np.hypot(*(after.keypoints.xy - woman.keypoints.xy).T) / size
    assert 0.005 < np.median(distance) < distance.max() < 0.2
    np.testing.assert_array_equal(after.keypoints.score, woman.keypoints.score)
    np.testing.assert_array_equal(after.box, [*after.keypoints.xy.min(axis=0), *after.keypoints.xy.max(axis=0)])
    assert after.landmarks is woman.landmarks and after.score == woman.score


@pytest.mark.parametrize(
    "change",
    [
        lambda xy: xy * 3 + [50, -20],
        lambda xy: xy @ np.array([[0.6, 0.8], [-0.8, 0.6]]),
    ],
    ids=["larger, elsewhere", "turned"],
)
def test_who_is_larger_or_turned_is_corrected_alike(correct, woman, change):
    expected = change(correct(woman, WIDTH, HEIGHT).keypoints.xy)
    np.testing.assert_allclose(correct(moved(woman, change), WIDTH, HEIGHT).keypoints.xy, expected, atol=0.01)


def test_a_mirrored_person_is_corrected_alike(correct, woman):
    expected = (correct(woman, WIDTH, HEIGHT).keypoints.xy * [-1, 1] + [WIDTH, 0])[MIRRORED]
    mirrored = moved(woman, lambda xy: (xy * [-1, 1] + [WIDTH, 0])[MIRRORED_LANDMARKS])
    np.testing.assert_allclose(correct(mirrored, WIDTH, HEIGHT).keypoints.xy, expected, atol=0.05)


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_who_has_no_posture_stays(correct, value):
    nobody = Landmarks(np.full((33, 3), value, np.float32), np.ones(33, np.float32), np.ones(33, np.float32))
    person = to_person(nobody, WIDTH, HEIGHT)
    np.testing.assert_allclose(correct(person, WIDTH, HEIGHT).keypoints.xy, person.keypoints.xy, atol=1e-4)


def test_without_landmarks_it_is_refused(correct, woman):
    with pytest.raises(ValueError, match="made from BlazePose's landmarks"):
        correct(replace(woman, landmarks=None), WIDTH, HEIGHT)
    with pytest.raises(ValueError, match="--coco-correction: is for BlazePose; leave it out with movenet-thunder"):
        open_estimator(model="movenet-thunder", coco_correction=True)


def test_the_document_says_it(demo, tmp_path):
    cut(demo, tmp_path / "in.mp4", 100, 6)
    documents = []
    for corrected in (False, True):
        options = Options(model_complexity=0, coco_correction=corrected)
        process_video(tmp_path / "in.mp4", json=tmp_path / "out.json", options=options)
        documents.append(read_document(tmp_path / "out.json"))
    (plain, before), (said, after) = documents
    assert "coco_correction" not in plain and said["coco_correction"] is True
    for one, other in zip(before, after, strict=True):
        distance = np.hypot(*(one.persons[0].keypoints.xy - other.persons[0].keypoints.xy).T)
        assert 0 < distance.max() < 0.2 * np.ptp(one.persons[0].keypoints.xy[:, 1])


def test_the_file_says_what_it_was_fitted_on():
    table = json.loads(files("posecore").joinpath("coco_correction.json").read_text(encoding="utf-8"))
    assert table["fitted_by"] == "eval/fit_correction.py" and table["images"] == 490 and table["poses"] > 1000
