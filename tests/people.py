"""Annotations and results that are made for a test, and the scoring cases of the real data."""

import json
from pathlib import Path

import numpy as np


def read(cases: Path, name: str):
    """One of the scoring cases."""
    return json.loads((cases / name).read_text(encoding="utf-8"))


def crowd(seed: int = 0, images: int = 60):
    """Annotations and results of middling quality: one to three people a picture, of all sizes that COCO labels.

    Some keypoints are hidden or not labelled. An eighth of the people is missed, some poses are where nobody is.
    """
    rng = np.random.default_rng(seed)
    people, found = [], []
    for image_id in range(1, images + 1):
        for place in range(rng.integers(1, 4)):
            someone = person(image_id, 200.0 * place, 50.0, rng.uniform(34, 180), id=len(people) + 1)
            seen = rng.choice(3, 17, p=(0.2, 0.2, 0.6))
            someone["keypoints"][2::3] = seen.tolist()
            someone["num_keypoints"] = int((seen > 0).sum())
            people.append(someone)
            if rng.random() < 7 / 8:
                pose = result(someone, round(rng.random(), 3))
                noise = rng.normal(0, 0.04 * rng.exponential() * someone["bbox"][2], (17, 2))
                points = np.reshape(pose["keypoints"], (17, 3))
                points[:, :2] += noise
                found.append(pose | {"keypoints": points.ravel().tolist()})
        if rng.random() < 0.2:
            found.append(result(person(image_id, 20.0, 300.0, 90.0), round(rng.random(), 3)))
    return dataset(*people, images=range(1, images + 1)), found


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
