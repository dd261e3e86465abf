import json
import os

import jsonschema
import numpy as np
import pytest
from documents import META, SCHEMA, person

from posecore.coco import KEYPOINT_NAMES
from posecore.formats import DocumentWriter, read_document
from posecore.pose import FramePose, Keypoints, Person


def write(path, frames):
    with DocumentWriter(path, META) as document:
        for frame in frames:
            document.write(frame)


def test_has_exactly_the_documented_keys(tmp_path):
    write(tmp_path / "a.json", [FramePose(0, 0, (person(1),)), FramePose(1, 33, ())])
    document = json.loads((tmp_path / "a.json").read_text())
    jsonschema.validate(document, SCHEMA)
    assert list(document) == ["meta", "keypoint_format", "confidence_convention", "frames"]
    assert document["meta"] == {"format_version": 1, **META, "frame_count": 2}
    assert document["keypoint_format"] == list(KEYPOINT_NAMES)
    assert list(document["frames"][0]) == ["frame_index", "timestamp_ms", "pose_score", "keypoints"]
    assert [p["name"] for p in document["frames"][1]["keypoints"]] == list(KEYPOINT_NAMES)
    scores = [p["score"] for p in document["frames"][0]["keypoints"]]
    assert document["frames"][0]["pose_score"] == pytest.approx(np.mean(scores), abs=1e-4)


def test_nobody_is_all_zeros(tmp_path):
    write(tmp_path / "a.json", [FramePose(0, 0, ())])
    (frame,) = json.loads((tmp_path / "a.json").read_text())["frames"]
    assert frame["pose_score"] == 0
    assert all((p["x"], p["y"], p["score"]) == (0, 0, 0) for p in frame["keypoints"])


def test_reads_back_what_was_written(tmp_path):
    frames = [FramePose(i, 40 * i, (person(i),) if i % 3 else ()) for i in range(1, 20)]
    write(tmp_path / "a.json", frames)
    meta, read = read_document(tmp_path / "a.json")
    assert meta["frame_count"] == 19
    for before, after in zip(frames, read, strict=True):
        assert (before.index, before.timestamp_ms) == (after.index, after.timestamp_ms)
        assert len(before.persons) == len(after.persons)
        for a, b in zip(before.persons, after.persons, strict=True):
            np.testing.assert_allclose(a.keypoints.xy, b.keypoints.xy, atol=0.006)
            np.testing.assert_allclose(a.keypoints.score, b.keypoints.score, atol=0.00006)
            np.testing.assert_allclose(a.box, b.box, atol=0.006)


def test_nothing_is_left_when_writing_fails(tmp_path):
    (tmp_path / "a.json").write_text("old")
    with pytest.raises(RuntimeError), DocumentWriter(tmp_path / "a.json", META) as document:
        document.write(FramePose(0, 0, ()))
        raise RuntimeError
    assert os.listdir(tmp_path) == ["a.json"] and (tmp_path / "a.json").read_text() == "old"


def test_a_number_that_is_not_finite_is_refused(tmp_path):
    bad = Person.around(Keypoints(np.full((17, 2), np.nan, np.float32), np.ones(17, np.float32)))
    with pytest.raises(ValueError, match="JSON"), DocumentWriter(tmp_path / "a.json", META) as document:
        document.write(FramePose(0, 0, (bad,)))
    assert os.listdir(tmp_path) == []


def test_another_json_is_not_read(tmp_path):
    deep = "[" * 100_000
    for text in ("[]", "{}", "not json", '{"meta": {}, "frames": [{}]}', '{"meta": {}, "frames": [[]]}', deep):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(ValueError, match=r"a\.json: not a posecore JSON document"):
            read_document(tmp_path / "a.json")


def test_a_file_that_is_no_text_is_refused_in_few_words(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xd5\xf0" * 100_000)
    with pytest.raises(ValueError, match=r"a\.json: not a posecore JSON document") as raised:
        read_document(tmp_path / "a.json")
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"x": 1.0', '"x": NaN'),
        ('"x": 1.0', '"x": 1e308'),
        ('"x": 1.0', '"x": null'),
        ('"x": 1.0', f'"x": 1{"0" * 400}'),
        ('"pose_score": ', '"pose_score": "", "_": '),
        ('"pose_score": ', '"pose_score": Infinity, "_": '),
        ('"frame_index": 0', '"frame_index": 0.5'),
        ('"timestamp_ms": 0', '"timestamp_ms": null'),
        ('"meta": {', '"meta": 1, "_": {'),
        ('"meta": {', '"meta": {"track_names": [], '),
        ('"meta": {', '"meta": {"track_names": {"1": 2}, '),
        ('"meta": {', '"meta": {"history": {}, '),
    ],
)
def test_values_of_another_kind_are_refused(tmp_path, old, new):
    keypoints = Keypoints(np.ones((17, 2), np.float32), np.ones(17, np.float32))
    write(tmp_path / "a.json", [FramePose(0, 0, (Person.around(keypoints),))])
    text = (tmp_path / "a.json").read_text()
    assert old in text
    (tmp_path / "a.json").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=r"a\.json: not a posecore JSON document"):
        read_document(tmp_path / "a.json")
