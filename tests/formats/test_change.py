"""Documents made of others."""

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from documents import META, SCHEMA, person

from posecore.formats import DocumentWriter, change_document, read_document
from posecore.pose import FramePose


@pytest.fixture(params=[True, False], ids=["everyone", "one"])
def source(request, tmp_path):
    """A document of five frames, with one person in each but the second."""
    path = tmp_path / "in.json"
    with DocumentWriter(path, META, everyone=request.param, convention="as it is") as document:
        for n in range(5):
            document.write(FramePose(n, 40 * n, () if n == 1 else (person(n),)))
    return path


def lines(path):
    return path.read_text().splitlines()


def test_what_does_not_change_stays_byte_for_byte(source, tmp_path):
    change_document(source, tmp_path / "out.json", lambda meta, frames: (meta, frames), "nothing")
    before, after = lines(source), lines(tmp_path / "out.json")
    assert after[1:] == before[1:] and after[0] != before[0]
    assert json.loads((tmp_path / "out.json").read_text())["meta"] == {
        "format_version": 1, **META, "history": ["nothing"], "frame_count": 5,
    }  # fmt: skip


def test_frames_and_meta_change_and_history_grows(source):
    def shift(meta, frames):
        (first,) = frames[3].persons
        moved = replace(first, keypoints=replace(first.keypoints, xy=first.keypoints.xy + 10), box=first.box + 10)
        return meta | {"track_names": {"1": "Anna"}}, [*frames[:3], replace(frames[3], persons=(moved,)), frames[4]]

    before, frames = lines(source), read_document(source)[1]
    for times in (1, 2):
        change_document(source, source, shift, "shift")
        meta, changed = read_document(source)
        assert meta["history"] == ["shift"] * times and meta["track_names"] == {"1": "Anna"}
        moved = changed[3].persons[0].keypoints.xy - frames[3].persons[0].keypoints.xy
        np.testing.assert_allclose(moved, 10 * times, atol=0.02)
    jsonschema.validate(json.loads(source.read_text()), SCHEMA)
    after = lines(source)
    differing = [n for n in range(len(before)) if before[n] != after[n]]
    assert differing == [0, 3 + 4] and len(after) == len(before)  # the meta, and frame 3 after three lines of the head


def test_the_old_stays_when_the_change_is_refused(source):
    def refuse(meta, frames):
        raise ValueError("no such track")

    before = source.read_text()
    with pytest.raises(ValueError, match=r"in\.json: no such track"):
        change_document(source, source, refuse, "tracks")
    assert source.read_text() == before


@pytest.mark.parametrize("text", ["[", "[]", '{"meta": {}}', '{"meta": 1, "frames": [], "confidence_convention": ""}'])
def test_what_is_no_document_is_named(tmp_path, text):
    (tmp_path / "in.json").write_text(text)
    with pytest.raises(ValueError, match=r"in\.json: not a posecore JSON document"):
        change_document(tmp_path / "in.json", tmp_path / "out.json", lambda meta, frames: (meta, frames), "")
