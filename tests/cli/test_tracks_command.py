"""`posecore tracks`: the list, the changes, and what the new document says of them."""

import json
from dataclasses import replace

import jsonschema
import pytest
from documents import META, SCHEMA, person

from posecore import DocumentWriter, FramePose, read_document
from posecore.cli import main


@pytest.fixture
def document(tmp_path):
    """Two people, who are mixed up from 0.2 s on; one of them is 3 after 0.4 s."""
    path = tmp_path / "in.json"
    with DocumentWriter(path, META, everyone=True) as writer:
        for n in range(12):
            ids = (1, 2) if n < 5 else (2, 1) if n < 10 else (2, 3)
            persons = tuple(replace(person(who), track_id=i, score=0.5) for who, i in enumerate(ids))
            writer.write(FramePose(n, 40 * n, persons))
    return path


@pytest.fixture
def tracks(document, capsys):
    def tracks(*words):
        status = main(["tracks", *map(str, words)])
        return status, *capsys.readouterr()

    return tracks


def ids(path):
    return [tuple(person.track_id for person in frame.persons) for frame in read_document(path)[1]]


def test_list(document, tracks):
    status, out, error = tracks(document)
    rows = [line.split() for line in out.splitlines()]
    assert (status, error) == (0, "") and rows[0] == ["id", "from", "s", "to", "s", "frames", "score", "height", "name"]
    assert [row[:5] for row in rows[1:]] == [
        ["1", "0.00", "0.36", "10", "0.50"],
        ["2", "0.00", "0.44", "12", "0.50"],
        ["3", "0.40", "0.44", "2", "0.50"],
    ]
    height = float(rows[3][5])
    assert height == pytest.approx(person(1).box[3] - person(1).box[1], abs=1)


def test_mended_and_told(document, tracks, tmp_path):
    out = tmp_path / "out.json"
    assert tracks("swap", document, 1, 2, "--from", 0.2, "-o", out) == (0, "", "")
    assert ids(out) == [(1, 2)] * 10 + [(1, 3)] * 2
    assert tracks("rename", out, 3, "Anna B.", "-o", out)[0] == 0
    assert tracks("merge", out, 2, 3, "-o", out)[0] == 0
    assert ids(out) == [(1, 2)] * 12
    assert "Anna B." in tracks(out)[1].splitlines()[2]
    assert tracks("drop", out, 1, "-o", out)[0] == 0
    content = json.loads(out.read_text())
    jsonschema.validate(content, SCHEMA)
    assert content["meta"]["track_names"] == {"2": "Anna B."}
    assert content["meta"]["history"] == [
        "tracks swap 1 2 --from 0.2", "tracks rename 3 Anna B.", "tracks merge 2 3", "tracks drop 1",
    ]  # fmt: skip
    assert content["frames"][0]["keypoints"] == content["frames"][0]["persons"][0]["keypoints"]  # of who is left
    assert tracks("drop", out, 2, "-o", out)[0] == 0
    content = json.loads(out.read_text())
    assert "track_names" not in content["meta"] and all(frame["pose_score"] == 0 for frame in content["frames"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["swap", "IN", 1, 2], "swap writes a document; name it with -o"),
        (["IN", "-o", "OUT"], "-o goes with a change"),
        (["drop", "IN", 1, "--from", 2, "-o", "OUT"], "--from goes with swap only"),
        (["swp", "IN", 1, 2, "-o", "OUT"], "did you mean swap?"),
        (["merge", "IN", 1, "-o", "OUT"], "merge wants IN.json A B"),
        (["drop", "IN", "Anna", "-o", "OUT"], "Anna: is no id of a track"),
        (["drop", "IN", 9, "-o", "OUT"], "in.json: there is no track 9; there are 1, 2, 3"),
        (["swap", "IN", 1, 3, "--from", 9, "-o", "OUT"], "in.json: neither track 1 nor 3 is there from 9 s on"),
        (["merge", "IN", 1, 2, "-o", "OUT"], "in.json: tracks 1 and 2 are both in frame 0"),
    ],
)
def test_misuse_is_one_line(document, tmp_path, capsys, words, message):
    places = {"IN": document, "OUT": tmp_path / "out.json"}
    try:
        status = main(["tracks", *(str(places.get(word, word)) for word in words)])
    except SystemExit as stop:
        status = stop.code
    out, error = capsys.readouterr()
    assert (status, out) == (2, "") and error.count("\n") == 1 and message in error
    assert not (tmp_path / "out.json").exists()


def test_a_document_of_one_person_has_no_tracks(tmp_path, tracks):
    with DocumentWriter(tmp_path / "one.json", META) as writer:
        writer.write(FramePose(0, 0, (person(1),)))
    status, out, error = tracks(tmp_path / "one.json")
    assert (status, out) == (2, "") and "one.json: nobody in it has a track_id; run with --people all" in error
