"""Settings compared on the same pictures."""

import pytest
from people import dataset

from posecore.dataset import read_annotations, read_ids
from posecore.protocol import coco_result
from posecore.trials import Setting, run_trials


def test_settings_have_names():
    assert str(Setting()) == "mediapipe_full_image"
    assert str(Setting(2, "box")) == "mediapipe_heavy_box"
    assert str(Setting(0, max_side=256)) == "mediapipe_lite_image_256"


def test_every_picture_goes_through_every_setting(data, lite):
    truth = read_annotations(data / "coco/annotations/person_keypoints_val2017.json")
    ids = read_ids(data / "coco/single_person.txt", truth)[:4]
    settings = [Setting(0), Setting(0, "box"), Setting(0, max_side=192)]
    trials = run_trials(settings, truth, data / "coco/val2017", ids[::-1])
    assert list(trials) == settings
    for trial in trials.values():
        assert list(trial.poses) == ids and trial.milliseconds.shape == (4,) and (trial.milliseconds > 0).all()
    plain, _, small = trials.values()
    assert plain.results() != small.results()
    alone = run_trials(settings[:1], truth, data / "coco/val2017", ids)[settings[0]]
    assert alone.results() == plain.results()  # the others leave no trace
    assert plain.results() == [coco_result(image_id, pose) for image_id, poses in plain.poses.items() for pose in poses]
    assert {r["score"] for r in plain.results("mean-max")} != {r["score"] for r in plain.results()}


def test_a_picture_that_is_missing(lite, tmp_path):
    with pytest.raises(OSError, match=r"1\.jpg: cannot be read"):
        run_trials([Setting(0)], dataset(), tmp_path, [1])
