"""COCO's results and dataset, read by pycocotools."""

import json
from collections import Counter

import numpy as np
import pytest
from documents import SEVERAL, SIZE, even, write_people
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("coco")
    write_people(folder / "in.json", SEVERAL, source="walk.mp4")
    for name in ("coco", "coco-dataset"):
        assert main(["export", str(folder / "in.json"), "--to", name, "-o", str(folder / f"{name}.json")]) == 0
    return folder


def test_pycocotools_reads_the_dataset(folder):
    dataset, frames = COCO(folder / "coco-dataset.json"), read_document(folder / "in.json")[1]
    assert sorted(dataset.imgs) == list(range(10)) and dataset.getCatIds(catNms=["person"]) == [1]
    (category,) = dataset.loadCats(1)
    assert category["keypoints"] == list(KEYPOINT_NAMES)
    assert (
        category["skeleton"][0] == [16, 14] and np.min(category["skeleton"]) == 1 and np.max(category["skeleton"]) == 17
    )
    first = dataset.imgs[3]
    assert (first["file_name"], first["width"], first["height"]) == ("walk_000003.jpg", *SIZE)
    assert [dataset.imgs[number]["timestamp_ms"] for number in range(10)] == even(10)
    assert min(dataset.anns) == 1  # pycocotools takes 0 for nobody
    for frame in frames:
        found = dataset.imgToAnns[frame.index]
        assert [one["track_id"] for one in found] == [person.track_id for person in frame.persons]
        for one, person in zip(found, frame.persons, strict=True):
            values, there = np.reshape(one["keypoints"], (17, 3)), person.keypoints.score > 0
            np.testing.assert_allclose(values[there, :2], person.keypoints.xy[there], atol=0.005)
            assert set(values[there, 2]) == {2} and not values[~there].any() and not there.all()
            assert one["num_keypoints"] == there.sum() and one["iscrowd"] == 0
            x, y, width, height = one["bbox"]
            np.testing.assert_allclose([x, y, x + width, y + height], person.box, atol=0.02)
            assert one["area"] == pytest.approx(width * height, abs=0.01)


def test_the_results_agree_with_the_dataset(folder):
    dataset = COCO(folder / "coco-dataset.json")
    results = dataset.loadRes(str(folder / "coco.json"))
    evaluation = COCOeval(dataset, results, "keypoints")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1) and evaluation.stats[5] == pytest.approx(1)


def test_the_results_have_ids_and_scores_and_no_box(folder):
    records = json.loads((folder / "coco.json").read_text())
    people = [(frame.index, person) for frame in read_document(folder / "in.json")[1] for person in frame.persons]
    assert [(one["image_id"], one["track_id"]) for one in records] == [(n, person.track_id) for n, person in people]
    for one, (_, person) in zip(records, people, strict=True):
        assert list(one) == ["image_id", "category_id", "keypoints", "score", "track_id"]
        assert one["score"] == pytest.approx(person.score, abs=1e-4)
        np.testing.assert_allclose(one["keypoints"][2::3], person.keypoints.score, atol=1e-4)
        assert Counter(np.reshape(one["keypoints"], (17, 3)).any(axis=1)) == Counter(person.keypoints.score > 0)
    assert "NaN" not in (folder / "coco.json").read_text() + (folder / "coco-dataset.json").read_text()


def test_who_has_no_id_has_none(tmp_path):
    write_people(tmp_path / "in.json", [(None,)])
    assert main(["export", str(tmp_path / "in.json"), "--to", "coco", "-o", str(tmp_path / "out.json")]) == 0
    assert "track_id" not in json.loads((tmp_path / "out.json").read_text())[0]
