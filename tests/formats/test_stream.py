"""Documents frame by frame."""

import json
from dataclasses import replace

import jsonschema
import pytest
from documents import META, SCHEMA, person

from posecore import DocumentWriter, FramePose, read_document
from posecore.formats import frame_record, join_documents, stream_document


def write(path, *ids_of_frames, begin=0):
    with DocumentWriter(path, META, everyone=True, convention="how sure") as writer:
        for n, ids in enumerate(ids_of_frames, begin):
            writer.write(FramePose(n, 40 * n, tuple(replace(person(i), track_id=i) for i in ids)))
    return path


def ids(path):
    return [[person.track_id for person in frame.persons] for frame in read_document(path)[1]]


def test_a_stream_has_what_the_document_has(tmp_path):
    path = write(tmp_path / "a.json", (1, 2), (), (2,))
    other = tmp_path / "anew.json"
    other.write_text(json.dumps(json.loads(path.read_text()), indent=1))  # not a frame a line
    expected_meta, expected = read_document(path)
    for source in (path, other):
        meta, frames = stream_document(source)
        assert meta == expected_meta
        assert [frame_record(f, True) for f in frames] == [frame_record(f, True) for f in expected]


@pytest.mark.parametrize("content", [b"", b"no JSON", b"[1, 2]", b"\xff\xfe\n\n\n", b"{}"])
def test_what_is_no_document_is_named(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.json: not a posecore JSON document"):
        stream_document(path)


def test_a_broken_frame_is_named_when_it_comes(tmp_path):
    path = write(tmp_path / "a.json", (1,), (1,))
    path.write_text(path.read_text().replace('"frame_index": 1', '"frame_index": 1.5'))
    _, frames = stream_document(path)
    assert next(frames).index == 0
    with pytest.raises(ValueError, match=r"a\.json: not a posecore JSON document"):
        next(frames)


def test_a_document_that_was_cut_off_is_named(tmp_path):
    path = write(tmp_path / "a.json", (1,), (1,), (1,))
    path.write_text("\n".join(path.read_text().splitlines()[:-2]))
    _, frames = stream_document(path)
    with pytest.raises(ValueError, match=r"a\.json: not whole, 2 of 3 frames are there"):
        list(frames)


def test_ids_are_renumbered_and_the_main_person_is_the_first_of_all(tmp_path):
    one, two = write(tmp_path / "1.json", (1, 2), (2,)), write(tmp_path / "2.json", (1, 2), (1, 3), begin=2)
    join_documents([one, two], tmp_path / "all.json", [{1: 1, 2: 2}, {1: 2, 2: 1, 3: 3}])
    assert ids(tmp_path / "all.json") == [[1, 2], [2], [1, 2], [2, 3]]
    document = json.loads((tmp_path / "all.json").read_text())
    jsonschema.validate(document, SCHEMA)
    assert document["meta"]["frame_count"] == 4 and document["confidence_convention"] == "how sure"
    assert all(frame["keypoints"] == frame["persons"][0]["keypoints"] for frame in document["frames"])
    kept = one.read_text().splitlines()[3]
    assert (tmp_path / "all.json").read_text().splitlines()[3] == kept  # as it was
