"""Settings compared on the same pictures."""

import pytest
from people import dataset

from posecore.evaluation.dataset import read_annotations, read_ids
from posecore.evaluation.protocol import Setting, coco_result
from posecore.evaluation.sweep import run_sweep


def test_settings_have_names():
    assert str(Setting()) == "openvino_full_image"
    assert str(Setting(2, "box", engine="mediapipe")) == "mediapipe_heavy_box"
    assert str(Setting(0, max_side=256)) == "openvino_lite_image_256"


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


def test_a_picture_that_is_missing(lite, tmp_path):
    with pytest.raises(OSError, match=r"1\.jpg: cannot be read"):
        run_sweep([Setting(0)], dataset(), tmp_path, [1])
