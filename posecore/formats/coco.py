"""COCO's JSON (cocodataset.org/#format-results, #format-data): keypoints as results, and as a dataset of pictures.

A frame is the picture whose id is the number of the frame, from 0. A keypoint that was not found is 0, 0, 0.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.files import replacing, writing
from posecore.formats.foreign import Foreign
from posecore.formats.people import person_of, seen, triples
from posecore.pose import FramePose, Person

PERSON = 1  # the id of the category
CATEGORY = {
    "id": PERSON,
    "name": "person",
    "supercategory": "person",
    "keypoints": KEYPOINT_NAMES,
    "skeleton": [[a + 1, b + 1] for a, b in SKELETON],
}
VISIBLE = 2  # COCO's flag of a keypoint that is labelled and not hidden
SPARSE = 50  # so many frames to each with people are no video, but the ids of pictures


def write_results(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write an array of people: the third number of a keypoint is its score, and track_id is there where it is known.

    They have no bbox: pycocotools would take the size of a person from it.

    Raises OSError when it cannot be written.
    """
    people = ({"image_id": frame.index} | _result(person) for frame in frames for person in seen(frame))
    with replacing(path) as temporary, writing(path), open(temporary, "w", encoding="ascii", newline="\n") as file:
        _write_array(file, people)
        file.write("\n")


def write_dataset(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write a dataset with every frame as a picture, and people as its annotations.

    file_name of frame 12 of walk.mp4 is walk_000012.jpg. The flag of a keypoint that was found is 2; scores are in
    keypoint_scores and score, and times in timestamp_ms, none of which COCO itself has.

    Raises OSError when it cannot be written.
    """
    shown: list[tuple[int, int]] = []

    def annotations() -> Iterable[dict[str, Any]]:
        for frame in frames:
            shown.append((frame.index, frame.timestamp_ms))
            for person in frame.persons:
                yield {"image_id": frame.index, "iscrowd": 0} | _result(person) | _labelled(person)

    info = {"description": meta["source"], "fps": meta["fps"]}
    size = {"width": meta["width"], "height": meta["height"]}
    stem = Path(meta["source"]).stem
    with replacing(path) as temporary, writing(path), open(temporary, "w", encoding="ascii", newline="\n") as file:
        file.write(f'{{"info": {json.dumps(info)},\n"licenses": [],\n"categories": {json.dumps([CATEGORY])},\n')
        file.write('"annotations": ')
        _write_array(file, ({"id": number} | record for number, record in enumerate(annotations(), 1)))
        file.write(',\n"images": ')
        names = ((index, f"{stem}_{index:06d}.jpg", ms) for index, ms in shown)
        _write_array(file, ({"id": n, "file_name": name, **size, "timestamp_ms": ms} for n, name, ms in names))
        file.write("}\n")


def _write_array(file: TextIO, records: Iterable[Mapping[str, Any]]) -> None:
    """A line for each."""
    file.write("[")
    for number, record in enumerate(records):
        file.write(f"{',' if number else ''}\n{json.dumps(record)}")
    file.write("\n]")


def _result(person: Person) -> dict[str, Any]:
    known = {
        "category_id": PERSON,
        "keypoints": triples(person, 0).ravel().tolist(),
        "score": round(person.score, 4),
    }
    return known if person.track_id is None else known | {"track_id": person.track_id}


def _labelled(person: Person) -> dict[str, Any]:
    """What an annotation has besides a result, and flags for scores."""
    values = triples(person, 0)
    flags = np.where(values[:, 2] > 0, VISIBLE, 0).tolist()
    places = zip(values[:, :2].tolist(), flags, strict=True)
    x0, y0, x1, y1 = (float(value) for value in person.box)
    width, height = round(x1 - x0, 2), round(y1 - y0, 2)
    return {
        "keypoints": [number for (x, y), flag in places for number in (x, y, flag)],
        "num_keypoints": flags.count(VISIBLE),
        "keypoint_scores": values[:, 2].tolist(),
        "bbox": [round(x0, 2), round(y0, 2), width, height],
        "area": round(width * height, 2),
    }


def is_results(path: Path, head: bytes) -> bool:
    """Whether it begins as an array."""
    return head.lstrip().startswith(b"[")


def is_dataset(path: Path, head: bytes) -> bool:
    """Whether it begins as an object with a key that only a dataset has."""
    keys = (b'"images"', b'"annotations"', b'"categories"', b'"info"', b'"licenses"')
    return head.lstrip().startswith(b"{") and any(key in head for key in keys)


def read_results(path: Path, images: str | None = None) -> Foreign:
    """Read an array of people; the third number of a keypoint is its score.

    images: a COCO file whose pictures, in the order of its list, are the frames. Without one image_id is the number of
    the frame, from 0.
    """
    people: dict[Any, list[Person]] = defaultdict(list)
    for record in _load(path):
        _add(people[record["image_id"]], record, np.reshape(record["keypoints"], (-1, 3)))
    if images is None:
        if people and max(people) > SPARSE * len(people):
            raise ValueError(f"image_id {max(people)} is no number of a frame; name the list of pictures with --images")
        return Foreign(sorted((int(image), found) for image, found in people.items()))
    known, numbers = _pictures(_load(Path(images)))
    if unknown := people.keys() - numbers.keys():
        raise ValueError(f"image_id {min(unknown)} is not in {images}")
    return replace(known, frames=sorted((numbers[image], found) for image, found in people.items()))


def read_dataset(path: Path) -> Foreign:
    """Read a dataset whose pictures, in the order of its list, are the frames. A flag above 0 is a score of 1.

    What `write_dataset` adds is read where it is there.
    """
    document = _load(path)
    known, numbers = _pictures(document)
    order = {
        category["id"]: [category["keypoints"].index(name) for name in KEYPOINT_NAMES]
        for category in document["categories"]
        if "keypoints" in category
    }
    people: dict[Any, list[Person]] = {image: [] for image in numbers}
    for record in document["annotations"]:
        if "keypoints" in record and record["category_id"] in order:
            values = np.reshape(np.array(record["keypoints"], np.float64), (-1, 3))
            values[:, 2] = record.get("keypoint_scores", np.minimum(values[:, 2], 1))
            x, y, width, height = record["bbox"]
            box = [x, y, x + width, y + height]
            _add(people[record["image_id"]], record, values[order[record["category_id"]]], box)
    return replace(known, frames=[(numbers[image], found) for image, found in people.items()])


def _load(path: Path) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _pictures(document: Mapping[str, Any]) -> tuple[Foreign, dict[Any, int]]:
    """What the list of pictures says of the video, and the number of the frame by the id of its picture."""
    images = document["images"]
    sizes = {(image["width"], image["height"]) for image in images}
    if len(sizes) != 1:
        raise ValueError(f"its pictures have {len(sizes)} sizes, and the frames of a video have one")
    times = {number: int(image["timestamp_ms"]) for number, image in enumerate(images) if "timestamp_ms" in image}
    info = document.get("info") or {}
    ours = "fps" in info
    return (
        Foreign(
            (),
            times,
            sizes.pop(),
            float(info["fps"]) if ours else None,
            len(images),
            str(info["description"]) if ours else None,
        ),
        {image["id"]: number for number, image in enumerate(images)},
    )


def _add(people: list[Person], record: Mapping[str, Any], values: Any, box: Any = None) -> None:
    track, score = record.get("track_id"), record.get("score")
    made = person_of(values, None if track is None else int(track), None if score is None else float(score), box)
    if made is not None:
        people.append(made)
