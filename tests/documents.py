"""What documents in the tests are made of."""

import json
from pathlib import Path

import numpy as np

import posecore
from posecore.formats import DocumentWriter
from posecore.pose import FramePose, Keypoints, Person

META = {
    "fps": 29.97002997,
    "width": 1080,
    "height": 1920,
    "source": "a.mp4",
    "model": "m.task",
    "model_sha256": "0" * 64,
    "engine": "mediapipe",
    "max_side": 640,
    "posecore_version": "0.1.0",
}
SCHEMA = json.loads((Path(posecore.__file__).parent / "formats" / "keypoints.schema.json").read_text())


def person(seed: int) -> Person:
    rng = np.random.default_rng(seed)
    xy, score = rng.normal(500, 400, (17, 2)).astype(np.float32), rng.random(17).astype(np.float32)
    return Person.around(Keypoints(xy, score))


FPS = 29.97002997
SIZE = META["width"], META["height"]


def even(count: int) -> list[int]:
    """Times of frames in milliseconds at FPS."""
    return [round(1000 * number / FPS) for number in range(count)]


def partly(seed: int, track_id: int | None = None) -> Person:
    """Somebody of whom some keypoints were not found: places and scores as a document has them."""
    found, missing = person(seed).keypoints, np.random.default_rng(seed + 1000).random(17) < 0.2
    xy, score = np.where(missing[:, None], 0, found.xy), np.where(missing, 0, found.score.clip(0.01))
    keypoints = Keypoints(np.round(xy, 2).astype(np.float32), np.round(score, 4).astype(np.float32))
    box = np.array([*xy[~missing].min(axis=0), *xy[~missing].max(axis=0)], np.float32)
    return Person(keypoints, round(float(score.mean()), 4), box, track_id)


def write_people(path: Path, ids: list[tuple[int | None, ...]], times: list[int] | None = None, **meta) -> Path:
    """A document in which people with these ids are in each frame."""
    with DocumentWriter(path, META | meta, everyone=True) as writer:
        for number, ms in enumerate(times or even(len(ids))):
            people = tuple(partly(10 * number + who, track) for who, track in enumerate(ids[number]))
            writer.write(FramePose(number, ms, people))
    return path


# Nobody at first, between and at the end; 7 goes, 3 and 12 come; the order in a frame means nothing.
SEVERAL = [(), (7,), (7, 3), (3, 7), (3,), (), (3, 12), (12, 3), (3, 12), ()]
ONE = [(), (1,), (1,), (), (1,), (1,)]
NOBODYS = [(), (None,), (None,), (), (None,), (None,)]  # people whom nobody follows
