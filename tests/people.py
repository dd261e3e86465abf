"""Annotations and results that are made for a test, and the scoring cases of the test data."""

import json
from pathlib import Path

import numpy as np


def read(data: Path, name: str):
    """One of the scoring cases."""
    return json.loads((data / "oks" / name).read_text(encoding="utf-8"))


def person(image_id=1, x=100.0, y=100.0, size=100.0, v=2, **more):
    """Someone whose 17 keypoints lie on a diagonal in a square box."""
    steps = np.linspace(0, size, 17)
    keypoints = np.column_stack([x + steps, y + steps, np.full(17, v)]).ravel().tolist()
    return {
        "id": 1, "image_id": image_id, "category_id": 1, "bbox": [x, y, size, size], "area": size**2,
        "keypoints": keypoints, "num_keypoints": 17 if v else 0, "iscrowd": 0,
    } | more  # fmt: skip


def dataset(*people, images=(1,)):
    return {
        "images": [
            {"id": image_id, "file_name": f"{image_id}.jpg", "width": 640, "height": 480} for image_id in images
        ],
        "annotations": list(people),
        "categories": [{"id": 1, "name": "person"}],
    }


def result(of, score=0.9, shift=0.0, **more):
    """A pose that is someone's labels, moved to the right."""
    points = np.array(of["keypoints"], float).reshape(17, 3)
    points[:, 0] += shift
    return {
        "image_id": of["image_id"], "category_id": 1, "keypoints": points.ravel().tolist(), "score": score
    } | more  # fmt: skip
