"""A model over pictures: the cores that it takes, and data sets that do not say how large their pictures are."""

import json
import os
import sys

import cv2
import pytest

from posecore.evaluation.dataset import people_by_image, read_annotations
from posecore.evaluation.predict import predict_dataset, predictions
from posecore.evaluation.protocol import Setting
from posecore.evaluation.sweep import run_sweep


@pytest.fixture(scope="module")
def truth(made_coco):
    return read_annotations(made_coco / "annotations/person_keypoints_val2017.json")


def predict(truth, made_coco, workers=1):
    people = people_by_image(truth, [picture["id"] for picture in truth["images"]])
    return predictions(truth["images"][:4], people, made_coco / "val2017", Setting(0), workers=workers)


@pytest.mark.parametrize(("workers", "threads"), [(1, 3), (2, 1)])
def test_several_workers_have_a_core_each(truth, made_coco, lite, workers, threads):
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        assert [cv2.getNumThreads() for _ in predict(truth, made_coco, workers)] == [threads] * 4
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


def test_sizes_need_not_be_said(truth, made_coco, lite):
    plain = [record["results"] for _, record in predict(truth, made_coco)]
    bare = truth | {"images": [{name: p[name] for name in ("id", "file_name")} for p in truth["images"]]}
    assert [record["results"] for _, record in predict(bare, made_coco)] == plain and any(plain)
    ids = [picture["id"] for picture in bare["images"][:4]]
    swept = run_sweep([Setting(0)], bare, made_coco / "val2017", ids)[Setting(0)]
    by_image = {results[0]["image_id"]: results for results in plain if results}
    assert swept.results() == [result for image_id in sorted(by_image) for result in by_image[image_id]]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")
def test_what_is_skipped_is_written_down_though_nobody_reads_it(made_coco, tmp_path, monkeypatch):
    def unreadable(pictures, *_):
        first, *others = pictures
        yield first, {"results": [], "ms": 1.0}
        for picture in others:
            yield picture, OSError(f"{picture['file_name']}: cannot be read")

    monkeypatch.setattr(sys, "stderr", open("/dev/full", "w", buffering=1))  # noqa: SIM115
    annotations = made_coco / "annotations/person_keypoints_val2017.json"
    predict_dataset(annotations, made_coco / "val2017", tmp_path / "r.json", Setting(0), limit=3, predict=unreadable)
    meta = json.loads((tmp_path / "r.meta.json").read_text())
    assert len(meta["unreadable"]) == 2 and all("cannot be read" in reason for reason in meta["unreadable"].values())
