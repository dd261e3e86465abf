"""COCO files: person annotations, lists of image ids, and results, read with a clear error when they are wrong."""

import json
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from posecore.evaluation.oks import check_results

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
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise ValueError(f"{path}: not valid JSON ({error}); write it anew") from error


def read_annotations(path: PathLike) -> dict[str, Any]:
    """COCO person annotations: a dict with `images`, `annotations` and `categories`.

    Raises OSError when the file cannot be read, ValueError when it is something else.
    """
    dataset = read_json(path)
    try:
        ids = {image["id"] for image in dataset["images"]}
        for person in dataset["annotations"]:
            if len(person["keypoints"]) != 51 or len(person["bbox"]) != 4 or person["image_id"] not in ids:
                raise ValueError(f"annotation {person['id']} is broken")
            float(person["area"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{path}: not COCO person keypoint annotations ({error!r}); give person_keypoints_val2017.json or its like"
        ) from error
    return dataset


def read_ids(path: PathLike, dataset: Mapping[str, Any]) -> list[int]:
    """Image ids from a text file, one a line, sorted and each once.

    Raises OSError when it cannot be read, ValueError when a line is no number, there is none, or an id is not among
    the images of the dataset.
    """
    try:
        with open(path, encoding="utf-8") as file:
            ids = {int(line) for line in file if line.strip()}
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise ValueError(f"{path}: not a list of image ids, one a line ({error})") from error
    if not ids:
        raise ValueError(f"{path}: holds no image id; one a line is wanted")
    if unknown := sorted(ids - {image["id"] for image in dataset["images"]}):
        raise ValueError(
            f"{path}: {len(unknown)} of {len(ids)} image ids are not in the annotations, the first is {unknown[0]}; "
            "give the list that belongs to them"
        )
    return sorted(ids)


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
        check_results(results, {image["id"] for image in dataset["images"]})
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return results


def single_person_ids(dataset: Mapping[str, Any]) -> list[int]:
    """Ids of the images with exactly one person annotation, no crowd, with at least one labelled keypoint; sorted."""
    people = people_by_image(dataset, [image["id"] for image in dataset["images"]])
    return sorted(
        image_id
        for image_id, persons in people.items()
        if len(persons) == 1 and any(v > 0 for v in persons[0]["keypoints"][2::3]) and not persons[0].get("iscrowd")
    )


def people_by_image(dataset: Mapping[str, Any], image_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The annotations of each image, in the file's order; an empty list where there is none."""
    return group(dataset["annotations"], image_ids)


def group(records: Iterable[Mapping[str, Any]], image_ids: Collection[int]) -> dict[int, list[Any]]:
    """Records by their `image_id`; those of other images are left out."""
    groups: dict[int, list[Any]] = {image_id: [] for image_id in image_ids}
    for record in records:
        if record["image_id"] in groups:
            groups[record["image_id"]].append(record)
    return groups
