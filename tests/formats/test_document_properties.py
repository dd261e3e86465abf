"""Documents: whatever people there are, they come back, rounded, whole and line by line."""

import json
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import numpy as np
from documents import META, SCHEMA
from hypothesis import given, settings, strategies as st
from properties import numbers, scores

from posecore.formats import DocumentWriter, read_document, stream_document
from posecore.formats.document import as_written
from posecore.pose import FramePose, Keypoints, Landmarks, Person

times = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))])
)
texts = st.text(max_size=30)


@st.composite
def persons(draw, track_id):
    filled = draw(st.none() | st.lists(st.booleans(), min_size=17, max_size=17).filter(any).map(np.array))
    keypoints = Keypoints(draw(numbers(17, 2, low=-1e5, high=1e5)), draw(numbers(17, low=0, high=1)), filled)
    landmarks = None
    if draw(st.booleans()):
        world = draw(st.none() | numbers(33, 3, low=-3, high=3))
        sure = numbers(33, low=0, high=1)
        landmarks = Landmarks(draw(numbers(33, 3, low=-3, high=3)), draw(sure), draw(sure), world=world)
    return Person(keypoints, draw(scores), draw(numbers(4, low=-1e5, high=1e5)), track_id, landmarks)


@st.composite
def frames(draw):
    clock, found = 0, []
    for index in range(draw(st.integers(1, 4))):
        tracks = draw(st.lists(st.none() | st.integers(1, 2**31), max_size=2))
        people = tuple(draw(persons(track)) for track in tracks)
        found.append(FramePose(index, clock, people, draw(st.none() | times), draw(st.booleans())))
        clock += draw(st.integers(0, 10**6))
    return found


def assert_same(read, written):
    """To half of the last digit that a document has."""
    assert len(read) == len(written)
    for one, other in zip(read, written, strict=True):
        assert (one.index, one.timestamp_ms, one.interpolated) == (other.index, other.timestamp_ms, other.interpolated)
        assert (one.received_at is None) == (other.received_at is None)
        if other.received_at:
            assert timedelta(0) <= other.received_at - one.received_at < timedelta(milliseconds=1)
        assert [person.track_id for person in one.persons] == [person.track_id for person in other.persons]
        for person, before in zip(one.persons, other.persons, strict=True):
            assert_alike(person, before)


def assert_alike(read, written):
    near = {"rtol": 1e-6, "atol": 0.0051}
    np.testing.assert_allclose(read.keypoints.xy, written.keypoints.xy, **near)
    np.testing.assert_allclose(read.box, written.box, **near)
    np.testing.assert_allclose(
        [*read.keypoints.score, read.score], [*written.keypoints.score, written.score], atol=1e-4
    )
    np.testing.assert_equal(read.keypoints.filled, written.keypoints.filled)
    one, other = read.landmarks, written.landmarks
    assert (one is None) == (other is None)
    if other is not None:
        np.testing.assert_allclose(one.xyz, other.xyz, atol=1e-6)
        np.testing.assert_allclose([one.visibility, one.presence], [other.visibility, other.presence], atol=1e-4)
        assert (one.world is None) == (other.world is None)
        if other.world is not None:
            np.testing.assert_allclose(one.world, other.world, atol=1e-4)


def write(path, found, **meta):
    """The document with these frames, and what is read from it."""
    with DocumentWriter(path, META | meta, everyone=True) as writer:
        for frame in found:
            writer.write(frame)
    return read_document(path)


@settings(max_examples=25)
@given(frames(), texts)
def test_what_is_written_is_read(tmp_path_factory, found, text):
    folder = tmp_path_factory.mktemp("documents")
    for name in ("a.json", "a.jsonl"):
        meta, read = write(folder / name, found, source=text, track_names={"1": text})
        assert meta["source"] == text == meta["track_names"]["1"] and meta["frame_count"] == len(found)
        assert_same(read, found)
        assert_same(list(stream_document(folder / name)[1]), read)
    jsonschema.validate(json.loads((folder / "a.json").read_text()), SCHEMA)


@settings(max_examples=25)
@given(frames())
def test_what_was_rounded_stays(tmp_path_factory, found):
    folder = tmp_path_factory.mktemp("documents")
    once = [as_written(frame) for frame in found]
    assert_same(once, found)
    _, read = write(folder / "a.json", once)
    write(folder / "b.json", read)
    assert (folder / "b.json").read_bytes() == (folder / "a.json").read_bytes()
