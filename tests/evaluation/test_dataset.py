"""COCO files, and one clear line where they are wrong."""

import json

import pytest
from people import dataset, person, result

from posecore.coco import KEYPOINT_NAMES
from posecore.evaluation.dataset import (
    coco_folder,
    group,
    people_by_image,
    read_annotations,
    read_ids,
    read_json,
    read_results,
    several_people_ids,
    single_person_ids,
)
from posecore.evaluation.oks import evaluate


@pytest.fixture
def write(tmp_path):
    """Write text, or JSON of anything else, to a file; returns its path."""

    def write(content, name="file.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("content", ["", "{", "[1, 2", "\x00\x01", "NaN,"])
def test_malformed_json(write, content):
    with pytest.raises(ValueError, match=r"file\.json: not valid JSON .*write it anew"):
        read_json(write(content))


def test_binary_and_missing_files(tmp_path):
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(ValueError, match=r"picture\.jpg: not valid JSON"):
        read_json(tmp_path / "picture.jpg")
    with pytest.raises(OSError, match=r"absent\.json: cannot be read .*check the path"):
        read_json(tmp_path / "absent.json")
    with pytest.raises(OSError, match="cannot be read"):
        read_json(tmp_path)


def test_annotations_are_read_as_they_are(write):
    truth = dataset(person(), person(image_id=2, id=2), images=(1, 2))
    assert read_annotations(write(truth)) == truth


def test_integers_of_any_length_are_numbers(write):
    people = [person(area=10**30, bbox=[0, 0, 10**30, 1]), person(id=2, keypoints=[1, 10**30, 2] * 17)]
    truth = read_annotations(write(dataset(*people)))
    assert evaluate(truth, [result(person())]).stats["AP"] < 1


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        3,
        {"images": [], "annotations": [{}]},
        {"images": [{}], "annotations": []},
        dataset(person(keypoints=[0] * 50)),
        dataset(person(bbox=[1, 2, 3])),
        dataset(person(bbox=[1, 2, 1e308, 1e308])),
        dataset(person()) | {"categories": [{"id": float("inf"), "name": "person", "keypoints": list(KEYPOINT_NAMES)}]},
        dataset(person(image_id=7)),
        dataset(person(area=None)),
        {"info": {}, "images": [{"id": 1}], "annotations": [{"id": 5, "image_id": 1, "caption": "A man."}]},
    ],
)
def test_what_is_not_person_annotations(write, content):
    with pytest.raises(ValueError, match=r"file\.json: not COCO person keypoint annotations .*val2017\.json"):
        read_annotations(write(content))


def test_ids_are_sorted_and_each_once(write):
    truth = dataset(images=(1, 2, 30))
    assert read_ids(write("30\n1\n\n 30 \n"), truth) == [1, 30]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no image id"),
        ("1\ntwo\n", "not a list of image ids, one a line"),
        ("1.5\n", "not a list of image ids"),
        ("1\n8\n9\n", "2 of 3 image ids are not in the annotations, the first is 8"),
    ],
)
def test_broken_ids(write, content, message):
    with pytest.raises(ValueError, match=message):
        read_ids(write(content, "ids.txt"), dataset(images=(1,)))


def test_ids_that_cannot_be_read(tmp_path):
    with pytest.raises(OSError, match=r"absent\.txt: cannot be read .*check the path"):
        read_ids(tmp_path / "absent.txt", dataset())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "holds no results"),
        ({"annotations": []}, "not COCO results: a list is wanted"),
        ([{"image_id": 1}], "result 0: needs image_id"),
        ([3], "result 0: needs image_id"),
        ([result(person()), result(person(image_id=4))], "result 1: image 4 is not in the annotations; another data"),
    ],
)
def test_broken_results(write, content, message):
    with pytest.raises(ValueError, match=rf"file\.json: {message}"):
        read_results(write(content), dataset(person()))


def test_results_are_read_as_they_are(write):
    found = [result(person())]
    assert read_results(write(found), dataset(person())) == found


def test_images_of_one_person_and_of_several():
    one, two = person(1), [person(2), person(2, x=300)]
    crowd, unlabelled = person(3, iscrowd=1), person(4, v=0)
    beside_unlabelled = [person(6), person(6, v=0)]
    truth = dataset(one, *two, crowd, unlabelled, *beside_unlabelled, images=range(1, 7))
    assert single_person_ids(truth) == [1]
    assert several_people_ids(truth) == [2, 6]


def test_the_lists_of_images_of_coco(coco):
    """Of all of val2017, or of the part of it with 490 pictures."""
    truth = read_annotations(coco / "annotations/person_keypoints_val2017.json")
    single = single_person_ids(truth)
    assert single == read_ids(coco / "single_person.txt", truth)
    several = several_people_ids(truth)
    assert not set(single) & set(several)
    assert (len(truth["images"]), len(single), len(several)) == (490, 350, 120) or len(truth["images"]) == 5000


def test_people_by_image():
    truth = dataset(person(2, id=1), person(1, id=2), person(2, id=3), images=(1, 2, 3))
    assert {i: [p["id"] for p in people] for i, people in people_by_image(truth, [2, 3]).items()} == {2: [1, 3], 3: []}
    assert group([], [5]) == {5: []}


def test_where_coco_lies(tmp_path, monkeypatch):
    file = tmp_path / "coco/annotations/person_keypoints_val2017.json"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setenv("POSECORE_DATA", str(tmp_path))
    assert coco_folder("elsewhere") == tmp_path / "coco"
    monkeypatch.delenv("POSECORE_DATA")
    assert coco_folder(tmp_path) == tmp_path / "coco"
    with pytest.raises(FileNotFoundError, match=r"elsewhere.coco: no COCO val2017; run 'python data/fetch.py coco-"):
        coco_folder("elsewhere")
