"""Odd annotation files: three pictures from the demo clip, described in as many ways as others describe them."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from made import Scenes

from posecore.coco import KEYPOINT_NAMES, LEFT_RIGHT_PAIRS
from posecore.estimator import open_estimator

WIDTH, HEIGHT = 300, 200
AREA = 8029.4  # with poses 1 and 5 pixels off in x pycocotools says AP 0.85149, whatever the pose
Dataset = dict[str, Any]


def make_odd_coco(scenes: Scenes, folder: Path) -> None:
    """person.jpg, mirrored.jpg, nobody.jpg, and NAME.json with NAME.results.json for every name of CHANGES."""
    person = cv2.resize(scenes.photo, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    nobody = cv2.resize(scenes.nobody[0], (WIDTH, HEIGHT))
    for name, picture in (("person", person), ("mirrored", person[:, ::-1]), ("nobody", nobody)):
        cv2.imwrite(str(folder / f"{name}.jpg"), picture[..., ::-1])
    with open_estimator(complexity=1, mode="image", max_side=0) as estimator:
        (pose,) = estimator(person)
    plain = _plain(pose.keypoints.xy.round(1).astype(float))
    for name, change in CHANGES.items():
        truth = copy.deepcopy(plain)
        change(truth)
        begin = b"\xef\xbb\xbf" if name == "bom" else b""
        (folder / f"{name}.json").write_bytes(begin + json.dumps(truth).encode())
        if all(field in truth for field in ("annotations", "categories")):
            (folder / f"{name}.results.json").write_bytes(begin + json.dumps(_results(plain, truth)).encode())
    (folder / "string-ids.txt").write_text("frame_0001\nframe_0003\n")
    (folder / "list.json").write_text("[]")
    whole = (folder / "plain.json").read_bytes()
    (folder / "cut.json").write_bytes(whole[: len(whole) // 2])


def _plain(xy: np.ndarray) -> Dataset:
    mirror = np.arange(17)
    for left, right in LEFT_RIGHT_PAIRS:
        mirror[left], mirror[right] = right, left
    names = ("person.jpg", "mirrored.jpg", "nobody.jpg")
    return {
        "images": [{"id": n, "file_name": name, "width": WIDTH, "height": HEIGHT} for n, name in enumerate(names, 1)],
        "annotations": [_person(11, 1, xy), _person(12, 2, ([WIDTH, 0] + xy * [-1, 1])[mirror])],
        "categories": [{"id": 1, "name": "person", "keypoints": list(KEYPOINT_NAMES), "skeleton": []}],
    }


def _person(number: int, image_id: int, xy: np.ndarray) -> dict[str, Any]:
    rim = np.array([5, 8])
    (x0, y0), (x1, y1) = xy.min(axis=0) - rim, xy.max(axis=0) + rim
    return {
        "id": number, "image_id": image_id, "category_id": 1, "bbox": [x0, y0, x1 - x0, y1 - y0], "area": AREA,
        "iscrowd": 0, "num_keypoints": 17, "keypoints": np.column_stack([xy, np.full(17, 2)]).ravel().tolist(),
        "segmentation": [],
    }  # fmt: skip


def _results(plain: Dataset, truth: Dataset) -> list[dict[str, Any]]:
    """A pose for everyone, 1 and 5 pixels off, and a false one where nobody is."""
    category = next(kind["id"] for kind in truth["categories"] if len(kind.get("keypoints", ())) == 17)
    first, second = (np.reshape(person["keypoints"], (17, 3)) for person in plain["annotations"])
    poses = [(first, 1, 0.9), (second, 5, 0.8), (first, 0, 0.3)]
    return [
        {
            "image_id": image["id"],
            "category_id": category,
            "keypoints": (pose + np.array([off, 0, -1])).ravel().tolist(),
        }
        | {"score": score}
        for image, (pose, off, score) in zip(truth["images"], poses, strict=False)
    ]


def _images(name: Callable[[int], Any]) -> Callable[[Dataset], None]:
    """Ids of images as others write them."""

    def change(truth: Dataset) -> None:
        for record, field in [(i, "id") for i in truth["images"]] + [(p, "image_id") for p in truth["annotations"]]:
            record[field] = name(record[field])

    return change


def _category(number: Any) -> Callable[[Dataset], None]:
    def change(truth: Dataset) -> None:
        truth["categories"][0]["id"] = number
        for person in truth["annotations"]:
            person["category_id"] = number

    return change


def _without(part: str, *fields: str) -> Callable[[Dataset], None]:
    def change(truth: Dataset) -> None:
        for record in truth[part]:
            for field in fields:
                del record[field]

    return change


def _other_categories(truth: Dataset) -> None:
    truth["categories"] += [{"id": 2, "name": "bicycle"}, {"id": 3, "name": "dog"}]
    for number, image_id, category in ((21, 1, 2), (22, 3, 3)):
        thing = {"id": number, "image_id": image_id, "category_id": category, "iscrowd": 0}
        truth["annotations"].append(thing | {"bbox": [10, 10, 50, 40], "area": 2000})


def _dogs_first(truth: Dataset) -> None:
    names = ["nose", "left_ear", "right_ear", "tail"]
    truth["categories"].insert(0, {"id": 5, "name": "dog", "keypoints": names, "skeleton": []})
    dog = truth["annotations"][0] | {"id": 21, "image_id": 3, "category_id": 5, "num_keypoints": 4}
    truth["annotations"].insert(0, dog | {"keypoints": dog["keypoints"][:12]})


def _nulls(truth: Dataset) -> None:
    for person in truth["annotations"]:
        person |= {"iscrowd": None, "segmentation": None, "num_keypoints": None}
    nobody = {"id": 31, "image_id": 3, "category_id": 1, "bbox": [5, 5, 20, 20], "area": 400, "keypoints": None}
    truth["annotations"].append(nobody)


def _null_coordinates(truth: Dataset) -> None:
    truth["annotations"][0]["keypoints"][12:15] = [None, None, 0]
    truth["annotations"][0]["num_keypoints"] = 16


CHANGES: dict[str, Callable[[Dataset], Any]] = {
    "plain": lambda truth: None,
    "bom": lambda truth: None,
    "string-ids": _images("frame_{:04d}".format),
    "number-strings": _images(str),
    "real-number-ids": _images(float),
    "several-categories": _other_categories,
    "two-kinds-of-keypoints": _dogs_first,
    "category-0": _category(0),
    "category-7": _category(7),
    "category-string": _category("1"),
    "no-categories": lambda truth: truth.pop("categories"),
    "no-size": _without("images", "width", "height"),
    "no-file-name": _without("images", "file_name"),
    "no-area": _without("annotations", "area"),
    "no-box": _without("annotations", "bbox"),
    "no-num-keypoints": _without("annotations", "num_keypoints", "iscrowd", "segmentation"),
    "no-annotation-ids": _without("annotations", "id"),
    "nulls": _nulls,
    "null-coordinates": _null_coordinates,
    "no-annotations": lambda truth: truth["annotations"].clear(),
    "images-alone": lambda truth: (truth.pop("annotations"), truth.pop("categories")),
    "same-image-twice": lambda truth: truth["images"].append(dict(truth["images"][0])),
    "image-unknown": lambda truth: truth["annotations"].append(truth["annotations"][0] | {"id": 13, "image_id": 99}),
    "folder-in-name": lambda truth: truth["images"][0].update(file_name="../coco/person.jpg"),
}
