"""A COCO data set of a few pictures that is made from the demo clip."""

import json
from pathlib import Path

import cv2
import numpy as np
from made import Scenes
from people import dataset

from posecore.estimator import PoseEstimator, open_estimator

SINGLE = list(range(101, 109))  # ids of the pictures with one person
PAIR, EMPTY = 109, 110


def make_coco(scenes: Scenes, folder: Path) -> None:
    """Ten pictures, JPEG: SINGLE, PAIR with two people and EMPTY with nobody; laid out as COCO val2017 is.

    A person's labels are what the full model finds, rounded to whole pixels.
    """
    walker = scenes.walker
    pictures = {image_id: walker[12 * number] for number, image_id in enumerate(SINGLE)}
    pictures |= {PAIR: np.hstack([walker[0], walker[65]]), EMPTY: scenes.nobody[0]}
    (folder / "val2017").mkdir(parents=True)
    (folder / "annotations").mkdir()
    truth = dataset(images=())
    with open_estimator(complexity=1, mode="image", max_side=0, num_poses=2) as estimator:
        for image_id, picture in pictures.items():
            name = f"{image_id:012}.jpg"
            height, width = picture.shape[:2]
            cv2.imwrite(str(folder / "val2017" / name), picture[..., ::-1])
            truth["images"].append({"id": image_id, "file_name": name, "width": width, "height": height})
            truth["annotations"] += _labels(estimator, picture, image_id)
    (folder / "annotations" / "person_keypoints_val2017.json").write_text(json.dumps(truth))
    (folder / "single_person.txt").write_text("".join(f"{image_id}\n" for image_id in SINGLE))


def _labels(estimator: PoseEstimator, picture: np.ndarray, image_id: int) -> list[dict]:
    people = []
    for number, person in enumerate(estimator(picture)):
        keypoints = np.column_stack([person.keypoints.xy.round(), np.full(17, 2)])
        x0, y0, x1, y1 = person.box.round().tolist()
        people.append({
            "id": 10 * image_id + number, "image_id": image_id, "category_id": 1, "iscrowd": 0, "num_keypoints": 17,
            "bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0) / 2,
            "keypoints": keypoints.ravel().tolist(),
        })  # fmt: skip
    return people
