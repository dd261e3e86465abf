"""Settings compared on the same pictures."""

import numpy as np
import pytest
from people import dataset

from posecore.evaluation.dataset import read_annotations, read_ids
from posecore.evaluation.protocol import Setting, coco_result
from posecore.evaluation.sweep import SweepResult, run_sweep
from posecore.pose import Keypoints, Person


def test_settings_have_names():
    assert str(Setting()) == "openvino_full_image"
    assert str(Setting(2, "box", engine="mediapipe")) == "mediapipe_heavy_box"
    assert str(Setting(0, max_side=256)) == "openvino_lite_image_256"
    assert str(Setting(0, search=True, coco_correction=True)) == "openvino_lite_image_search_coco-correction"


def test_every_picture_goes_through_every_setting(made_coco, lite):
    truth = read_annotations(made_coco / "annotations/person_keypoints_val2017.json")
    ids = read_ids(made_coco / "single_person.txt", truth)[:4]
    settings = [Setting(0), Setting(0, "box"), Setting(0, max_side=192)]
    swept = run_sweep(settings, truth, made_coco / "val2017", ids[::-1])
    assert list(swept) == settings
    for result in swept.values():
        assert list(result.poses) == ids and result.milliseconds.shape == (4,) and (result.milliseconds > 0).all()
    plain, _, small = swept.values()
    assert plain.results() != small.results()
    alone = run_sweep(settings[:1], truth, made_coco / "val2017", ids)[settings[0]]
    assert alone.results() == plain.results()  # the others leave no trace
    assert plain.results() == [coco_result(image_id, pose) for image_id, poses in plain.poses.items() for pose in poses]
    assert {r["score"] for r in plain.results("mean-max")} != {r["score"] for r in plain.results()}


def test_the_surest_of_each_picture_alone():
    keypoints = Keypoints(np.zeros((17, 2), np.float32), np.zeros(17, np.float32))
    one, two = (Person.around(keypoints, score) for score in (0.9, 0.4))
    found = SweepResult({1: [one, two], 2: []}, np.array([5.0, 6.0])).surest()
    assert found.poses == {1: [one], 2: []} and found.milliseconds.tolist() == [5, 6]


def test_a_picture_that_is_missing(lite, tmp_path):
    with pytest.raises(OSError, match=r"1\.jpg: cannot be read"):
        run_sweep([Setting(0)], dataset(), tmp_path, [1])
