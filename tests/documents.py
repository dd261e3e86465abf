"""What documents in the tests are made of."""

import json
from pathlib import Path

import numpy as np

import posecore
from posecore.pose import Keypoints, Person

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
