"""COCO files: person annotations, lists of image ids, and results, read with a clear error when they are wrong."""

import json
import math
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from posecore.evaluation.oks import LARGEST, check_results, labelled, person_category, persons

PathLike = str | os.PathLike[str]


def coco_folder(default: PathLike = "data") -> Path:
    """The folder with COCO's pictures and annotations: in $POSECORE_DATA, in `default` when that is not set.

    Raises FileNotFoundError, with what to run, when they are not there.
    """
    folder = Path(os.environ.get("POSECORE_DATA") or default).expanduser() / "coco"
    if not (folder / "annotations" / "person_keypoints_val2017.json").is_file():
        raise FileNotFoundError(
            f"{folder}: no COCO val2017; run 'python data/fetch.py coco-val2017', or set POSECORE_DATA to the folder "
            "that holds coco/"
        )
    return folder


def read_json(path: PathLike) -> Any:
    """The content of a JSON file; OSError or ValueError with the path when it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file)
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not valid JSON ({error}); write it anew") from error


def read_annotations(path: PathLike, scored: bool = True) -> dict[str, Any]:
    """COCO person annotations: a dict with `images`, `annotations` and `categories`.

    Only annotations of people are kept, and an image that is listed twice is there once. What may be missing or null is
    put in: who has no `keypoints` has no labels; a `bbox` that nobody knows is NaN; the rest is that of COCO's format.

    scored: whether poses will be measured by them. If not, nobody need be annotated, and an `area` may be NaN too.

    Raises OSError when the file cannot be read, ValueError when it is something else.
    """
    dataset = read_json(path)
    try:
        return _completed(dataset, scored)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = str(error) if type(error) is ValueError else repr(error)
        raise ValueError(
            f"{path}: not COCO person keypoint annotations ({reason}); give person_keypoints_val2017.json or its like"
        ) from error


def _completed(dataset: Any, scored: bool) -> dict[str, Any]:
    if not isinstance(dataset, dict) or not isinstance(dataset.get("images"), list):
        raise ValueError("it has no list of images")
    if dataset.get("annotations") is None and not scored:
        dataset = dataset | {"annotations": []}
    if not isinstance(dataset.get("annotations"), list):
        raise ValueError("it has no annotations, by which poses could be scored")
    category = person_category(dataset)
    if not isinstance(category, str) and not _is_number(category):
        raise ValueError(f"the category of people has the id {category}")
    images = _once_each(dataset["images"])
    people = [_person(record, scored) for record in persons(dataset)]
    if people and not any("keypoints" in record for record in persons(dataset)):
        raise ValueError("nobody has keypoints")
    known = {image["id"] for image in images}
    if lost := next((person for person in people if person["image_id"] not in known), None):
        raise ValueError(f"{_name(lost)} is of image {lost['image_id']}, which is not among the images")
    return dataset | {"images": images, "annotations": people}


def _once_each(images: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The images, each once; their ids are all numbers or all text."""
    by_id: dict[Any, Mapping[str, Any]] = {}
    for image in images:
        image_id = image["id"]
        if not isinstance(image_id, str) and not _is_number(image_id):
            raise ValueError(f"an image has the id {image_id}")
        other = by_id.setdefault(image_id, image)
        if other.get("file_name") != image.get("file_name"):
            raise ValueError(f"image {image_id} is {other.get('file_name')} and {image.get('file_name')}")
    if len({isinstance(image_id, str) for image_id in by_id}) > 1:
        raise ValueError("ids of images are numbers and text")
    return list(by_id.values())


def _person(given: Mapping[str, Any], scored: bool) -> dict[str, Any]:
    """An annotation with all that COCO's format wants."""
    person = dict(given)
    person["keypoints"] = _keypoints(given)
    for name in ("num_keypoints", "iscrowd"):
        if person.get(name) is None:
            person.pop(name, None)
    counts = labelled(person)
    if person.get("bbox") is None:
        person["bbox"] = [math.nan if counts else 0.0] * 4  # nothing is near a box of no size
    elif len(person["bbox"]) != 4 or not all(map(_is_number, person["bbox"])):
        raise ValueError(f"{_name(given)} has a bbox that is not four numbers")
    person["bbox"] = [float(value) for value in person["bbox"]]
    if person.get("area") is None:
        if counts and scored:
            raise ValueError(f"{_name(given)} has no area, and OKS cannot be measured without")
        person["area"] = math.nan if counts else person["bbox"][2] * person["bbox"][3]
    elif not _is_number(person["area"]):
        raise ValueError(f"{_name(given)} has an area that is no number")
    person["area"] = float(person["area"])
    return person


def _keypoints(person: Mapping[str, Any]) -> list[float]:
    """51 numbers. What is not labelled need have no place."""
    given = person.get("keypoints")
    if given is None:
        return [0.0] * 51
    values = [0.0 if value is None else value for value in given]
    if len(values) != 51 or not all(map(_is_number, values)):
        raise ValueError(f"{_name(person)} has keypoints that are not 51 numbers")
    if any(values[n] > 0 and None in given[n - 2 : n] for n in range(2, 51, 3)):
        raise ValueError(f"{_name(person)} has a labelled keypoint without a place")
    return [float(value) for value in values]  # NumPy has no integers of 30 digits


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _name(person: Mapping[str, Any]) -> str:
    return f"annotation {person['id']}" if "id" in person else f"an annotation of image {person['image_id']}"


def read_ids(path: PathLike, dataset: Mapping[str, Any]) -> list[Any]:
    """Image ids from a text file, one a line, sorted and each once.

    Raises OSError when it cannot be read, ValueError when a line is no id, there is none, or an id is not among the
    images of the dataset.
    """
    known = {_as_text(image["id"]): image["id"] for image in dataset["images"]}
    text = any(isinstance(image_id, str) for image_id in known.values())
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = {line.strip() for line in file if line.strip()}
        ids = lines if text else {str(int(line)) for line in lines}
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise ValueError(f"{path}: not a list of image ids, one a line ({error})") from error
    if not ids:
        raise ValueError(f"{path}: holds no image id; one a line is wanted")
    if unknown := sorted(ids - set(known), key=lambda image_id: (len(image_id), image_id)):
        raise ValueError(
            f"{path}: {len(unknown)} of {len(ids)} image ids are not in the annotations, the first is {unknown[0]}; "
            "give the list that belongs to them"
        )
    return sorted(known[image_id] for image_id in ids)


def _as_text(image_id: Any) -> str:
    return image_id if isinstance(image_id, str) else str(int(image_id) if image_id == int(image_id) else image_id)


def read_results(path: PathLike, dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Keypoint results in COCO's format.

    Raises OSError when the file cannot be read, ValueError when it is something else, holds nothing, or belongs to
    another data set.
    """
    results = read_json(path)
    if not isinstance(results, list):
        raise ValueError(f"{path}: not COCO results: a list is wanted, one record per pose")
    if not results:
        raise ValueError(f"{path}: holds no results, there is nothing to score; nobody was found or the run was cut")
    try:
        check_results(results, dataset)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return results


def single_person_ids(dataset: Mapping[str, Any]) -> list[Any]:
    """Ids of the images with exactly one person annotation, no crowd, with at least one labelled keypoint; sorted."""
    people = people_by_image(dataset, [image["id"] for image in dataset["images"]])
    return sorted(
        image_id
        for image_id, persons in people.items()
        if len(persons) == 1 and any(v > 0 for v in persons[0]["keypoints"][2::3]) and not persons[0].get("iscrowd")
    )


def several_people_ids(dataset: Mapping[str, Any]) -> list[Any]:
    """Ids of the images with more than one person annotation, at least one with a labelled keypoint; sorted."""
    people = people_by_image(dataset, [image["id"] for image in dataset["images"]])
    return sorted(i for i, persons in people.items() if len(persons) > 1 and any(map(labelled, persons)))


def people_by_image(dataset: Mapping[str, Any], image_ids: Collection[Any]) -> dict[Any, list[dict[str, Any]]]:
    """The people of each image, in the file's order; an empty list where there is none."""
    return group(persons(dataset), image_ids)


def group(records: Iterable[Mapping[str, Any]], image_ids: Collection[Any]) -> dict[Any, list[Any]]:
    """Records by their `image_id`; those of other images are left out."""
    groups: dict[Any, list[Any]] = {image_id: [] for image_id in image_ids}
    for record in records:
        if record["image_id"] in groups:
            groups[record["image_id"]].append(record)
    return groups
