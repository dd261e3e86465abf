"""`posecore smooth`: what is written, what it says of it, and what is refused."""

import json
import os

import jsonschema
import numpy as np
import pytest
from documents import META, SCHEMA
from golden import pose_1

from posecore import DocumentWriter, FramePose, Keypoints, Person, read_document
from posecore.cli import main


@pytest.fixture
def document(videos, tmp_path):
    """One who swings the arms, filmed at 30 frames/s, missing for 0.1 s and for 0.5 s; a wrist jumps once."""
    xy = pose_1(videos).astype(np.float32)
    xy[70, 9] += 100
    with DocumentWriter(tmp_path / "in.json", META | {"width": 576, "height": 576}) as writer:
        for n, places in enumerate(xy):
            gone = 40 <= n < 43 or 90 <= n < 105
            person = Person.around(Keypoints(places, np.full(17, 0.8, np.float32)))
            writer.write(FramePose(n, round(1000 * n / 30), () if gone else (person,)))
    return tmp_path / "in.json"


@pytest.fixture
def smooth(document, capsys):
    def smooth(*words):
        try:
            status = main(["smooth", *map(str, words)])
        except SystemExit as stop:
            status = stop.code
        return status, *capsys.readouterr()

    return smooth


def content(path):
    document = json.loads(path.read_text())
    jsonschema.validate(document, SCHEMA)
    return document


def filled(document):
    """By the index of the frame: how many keypoints are marked."""
    counts = {f["frame_index"]: sum(point.get("filled", False) for point in f["keypoints"]) for f in document["frames"]}
    return {index: count for index, count in counts.items() if count}


def test_what_is_written(document, smooth, tmp_path):
    out = tmp_path / "out.json"
    done = "1 jumps taken out, 52 keypoints filled, of 2040 306 missing before and 255 after"
    assert smooth(document, "-o", out) == (0, "", f"posecore smooth: {document}: 1 track, {done} -> {out}\n")
    before, after = content(document), content(out)
    assert filled(after) == {40: 17, 41: 17, 42: 17, 70: 1} and not filled(before)
    assert after["frames"][41]["pose_score"] == 0.8 and after["frames"][95]["pose_score"] == 0
    assert after["meta"] == before["meta"] | {
        "history": [f"smooth --method butterworth --cutoff 6 --max-gap 0.2: {done}"]
    }
    assert smooth(out, "--method", "none", "-o", out)[0] == 0  # in place; nothing is left to do
    assert content(out)["frames"] == after["frames"] and len(content(out)["meta"]["history"]) == 2


def test_the_marks_stay_whoever_rewrites_the_document(document, smooth, tmp_path):
    """`posecore tracks` too, of a document of several people."""
    _, frames = read_document(document)
    with DocumentWriter(document, META | {"width": 576, "height": 576}, everyone=True) as writer:
        for frame in frames:
            persons = [Person(one.keypoints, 0.8, one.box, track_id=5) for one in frame.persons]
            writer.write(FramePose(frame.index, frame.timestamp_ms, tuple(persons)))
    out = tmp_path / "out.json"
    assert smooth(document, "-o", out)[0] == 0
    marked = filled(content(out))
    assert set(marked) == {40, 41, 42, 70}
    first = content(out)["frames"][41]
    assert first["keypoints"] == first["persons"][0]["keypoints"] and first["persons"][0]["track_id"] == 5
    assert main(["tracks", "swap", str(out), "5", "5", "-o", str(out)]) == 2
    assert main(["tracks", "rename", str(out), "5", "Anna", "-o", str(out)]) == 0
    assert filled(content(out)) == marked
    meta, frames = read_document(out)
    with DocumentWriter(tmp_path / "again.json", meta, everyone=True) as writer:
        for frame in frames:
            writer.write(frame)
    assert content(tmp_path / "again.json")["frames"] == content(out)["frames"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["IN"], "the following arguments are required: -o"),
        (
            ["IN", "-o", "OUT", "--cutoff", 16],
            "in.json: a cut-off of 16 Hz needs more than 32 frames/s, and there are 30",
        ),
        (["IN", "-o", "OUT", "--cutoff", 0], "cut-off must be more than 0 Hz, got 0"),
        (["IN", "-o", "OUT", "--cutoff", "six"], "a number of at least 0 is wanted, got six"),
        (["IN", "-o", "OUT", "--max-gap", -1], "a number of at least 0 is wanted, got -1"),
        (["IN", "-o", "OUT", "--method", "kalman"], "invalid choice: 'kalman'"),
        (["IN", "-o", "OUT", "--method", "none", "--cutoff", 6], "method none has no cut-off"),
        (["IN", "-o", "OUT", "--cut-off", 6], "no option --cut-off; did you mean --cutoff?"),
        (["OTHER", "-o", "OUT"], "other.json: not a posecore JSON document"),
        (["MISSING", "-o", "OUT"], "missing.json: No such file or directory; check the path"),
        (["IN", "-o", "IN/OUT"], "other.json is not a folder"),
    ],
)
def test_misuse_is_one_line(document, smooth, tmp_path, words, message):
    other = tmp_path / "other.json"
    other.write_text('{"images": []}')
    names = {"IN": "in", "OUT": "out", "OTHER": "other", "MISSING": "missing"}
    before = sorted(os.listdir(tmp_path))
    places = {name: tmp_path / f"{stem}.json" for name, stem in names.items()} | {"IN/OUT": other / "out.json"}
    words = [places.get(word, word) for word in words]
    status, out, error = smooth(*words)
    assert (status, out) == (2, "") and error.count("\n") == 1 and message in error
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document["frames"].clear(), "it has no frames"),
        (lambda document: document["meta"].pop("width"), "not a posecore JSON document ('width' is missing)"),
        (lambda document: document["meta"].update(height="tall"), "not a posecore JSON document"),
        (lambda document: document["frames"][3]["keypoints"][0].update(x=float("nan")), "a number is not finite"),
        (lambda document: document["frames"][3].update(timestamp_ms=-5), "the timestamp_ms of frame 3 is before that"),
        (
            lambda document: document["frames"][3].update(timestamp_ms=10**30),
            "the timestamp_ms of frame 4 is before that",
        ),
    ],
)
def test_a_bad_document_is_one_line_and_what_was_there_stays(document, smooth, tmp_path, change, message):
    bad = json.loads(document.read_text())
    change(bad)
    document.write_text(json.dumps(bad))
    (tmp_path / "out.json").write_text("before")
    status, out, error = smooth(document, "-o", tmp_path / "out.json")
    assert (status, out) == (2, "") and error.count("\n") == 1
    assert "in.json: " in error and message in error
    assert (tmp_path / "out.json").read_text() == "before"
