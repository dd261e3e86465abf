"""Landmarks in metres: MediaPipe's own, and in every document that asks for them."""

import json
from itertools import chain
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from media import cut

import posecore
from posecore import Options, open_estimator, process_video, read_document
from posecore.assets import fetch
from posecore.coco import LANDMARK_NAMES
from posecore.models import BlazePoseLandmarker, MediaPipeLandmarker
from posecore.video import VideoReader

SCHEMA = json.loads((Path(posecore.__file__).parent / "formats" / "keypoints.schema.json").read_text())
FIRST, LAST = 100, 140  # a woman walks through the picture


@pytest.fixture(scope="module")
def frames(demo):
    with VideoReader(demo) as video:
        return [(frame.small(640), frame.timestamp_ms) for frame in video if FIRST <= frame.index < LAST]


@pytest.fixture(scope="module")
def tiny_walk(demo, tmp_path_factory):
    """12 frames of it, 640 wide."""
    path = tmp_path_factory.mktemp("walk") / "walk.mp4"
    cut(demo, path, FIRST, 12, width=640)
    return path


def worlds(landmarker, frames):
    with landmarker:
        return [[person.world for person in landmarker.detect(*frame)] for frame in frames]


@pytest.mark.parametrize("mode", ["image", "video"])
def test_metres_are_mediapipes_to_the_last_bits(frames, mode):
    """On MediaPipe's own kernels, see test_graph.py; in a video the C++ compiler orders the filters."""
    litert = pytest.importorskip("litert", reason="needs ai-edge-litert: pip install -e .[test]", exc_type=ImportError)
    options = {"mode": mode, "world": True}
    with litert.on_litert():
        ours = worlds(BlazePoseLandmarker(fetch("lite"), **options), frames)
    theirs = worlds(MediaPipeLandmarker(fetch("lite"), **options), frames)
    assert [len(people) for people in ours] == [len(people) for people in theirs] and sum(map(len, ours)) > 25
    for one, other in zip(chain(*ours), chain(*theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=0 if mode == "image" else 3e-7)


def test_by_openvino_they_differ_by_less_than_a_centimetre(frames):
    ours = worlds(BlazePoseLandmarker(fetch("lite"), mode="image", world=True), frames)
    theirs = worlds(MediaPipeLandmarker(fetch("lite"), mode="image", world=True), frames)
    pairs = [(a[0], b[0]) for a, b in zip(ours, theirs, strict=True) if a and b]
    distance = np.linalg.norm([one - other for one, other in pairs], axis=-1)
    print(f"{1000 * np.median(distance):.2f} mm median, {1000 * distance.max():.1f} mm largest, {len(pairs)} frames")
    assert len(pairs) > 25 and np.median(distance) < 0.001 and np.percentile(distance, 99) < 0.01


def test_a_person_has_the_size_of_one(frames):
    """Origin between the hips, feet below, as far apart from the nose as in a grown-up."""
    found = [people[0] for people in worlds(BlazePoseLandmarker(fetch("full"), world=True), frames) if people]
    at = {name: np.median([world[LANDMARK_NAMES.index(name)] for world in found], axis=0) for name in LANDMARK_NAMES}
    assert np.linalg.norm((at["left_hip"] + at["right_hip"]) / 2) < 0.03
    feet = (at["left_heel"] + at["right_heel"]) / 2
    assert at["nose"][1] < 0 < feet[1]  # y points down
    assert 1.2 < np.linalg.norm(at["nose"] - feet) < 1.9


@pytest.mark.parametrize("engine", ["openvino", "mediapipe"])
def test_only_who_asks_gets_them(frames, lite, engine):
    for world in (False, True):
        with open_estimator(engine, 0, mode="image", max_side=0, world=world) as estimator:
            (person,) = estimator(frames[10][0])
        assert (person.landmarks.world is not None) == world


def test_the_document_with_landmarks(tiny_walk, lite, tmp_path):
    """All of it is read back, and its old keys are those of a plain one."""
    plain, more = tmp_path / "plain.json", tmp_path / "more.json"
    process_video(tiny_walk, json=plain, options=Options(model_complexity=0))
    process_video(tiny_walk, json=more, options=Options(model_complexity=0, landmarks=True))
    a, b = (json.loads(path.read_text()) for path in (plain, more))
    jsonschema.validate(b, SCHEMA)
    assert [{k: v for k, v in frame.items() if k != "persons"} for frame in b["frames"]] == a["frames"]
    _, frames = read_document(more)
    persons = [person for frame in frames for person in frame.persons]
    assert len(persons) > 5
    for person in persons:
        assert person.landmarks.xyz.shape == person.landmarks.world.shape == (33, 3)
        assert 0 < person.score <= 1 and (person.box[2:] > person.box[:2]).all() and person.track_id is None
        assert (person.landmarks.presence >= 0).all() and (person.landmarks.visibility <= 1).all()
