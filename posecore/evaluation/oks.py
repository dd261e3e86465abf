"""COCO's object keypoint similarity and average precision; the only file that imports pycocotools."""

import contextlib
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from posecore.coco import KEYPOINT_NAMES, OKS_SIGMAS

PERSON = 1  # COCO's category
LARGEST = 1e100  # a number from which on squares are infinite counts as infinite itself
STATS = ("AP", "AP50", "AP75", "AP_M", "AP_L", "AR", "AR50", "AR75", "AR_M", "AR_L")
THRESHOLDS = np.linspace(0.5, 0.95, 10)  # of the OKS, as in pycocotools
RECALLS = np.linspace(0, 1, 101)  # where precision is read, as in pycocotools
COCO_SIZES = {"all": (0, 1e5), "medium": (32, 96), "large": (96, 1e5)}  # √area of a person, in pixels
SMALL = "under 32"  # nobody labelled in COCO is; counts in AP, in neither AP_M nor AP_L
FINER_SIZES = {
    SMALL: (0, 32), "32–96": (32, 96), "96–160": (96, 160), "160–256": (160, 256), "over 256": (256, 1e5)
}  # fmt: skip

Record = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What pycocotools says of a set of results.

    stats: the ten numbers by the names of STATS, in [0, 1]; −1 where there is no such person to find.
    ap_by_size: AP by the names of FINER_SIZES, the range of a person's √area in pixels; −1 where there is none.
    people_by_size: how many people count, by the same names.
    precision: (10, 101) float64, at THRESHOLDS × RECALLS for people of all sizes; −1 where there is nobody to find.
    image_ids: the images that were counted, sorted.
    """

    stats: dict[str, float]
    ap_by_size: dict[str, float]
    people_by_size: dict[str, int]
    precision: NDArray[np.float64]
    image_ids: tuple[Any, ...]


def oks(xy: ArrayLike, truth: ArrayLike, area: float, bbox: ArrayLike | None = None) -> float:
    """Object keypoint similarity of one pose and one person, in [0, 1], by pycocotools' `computeOks`.

    The mean over the labelled keypoints of exp(−d² / (2 · area · (2σ)²)), d the distance in pixels and σ from
    `posecore.coco.OKS_SIGMAS`. The pose's own scores have no say. For a person without a labelled keypoint, d is the
    distance to the box widened by its own size on each side, and the mean is over all 17.

    xy: (17, 2), the pose in pixels.
    truth: (17, 3), x, y in pixels and the label v; labelled is v > 0.
    area: of the person, in square pixels.
    bbox: (4,) x, y, width, height in pixels; needed only when nothing is labelled.

    Raises ValueError for another shape, or a missing box.
    """
    pose, person = np.asarray(xy, float), np.asarray(truth, float)
    if pose.shape != (17, 2) or person.shape != (17, 3):
        raise ValueError(f"expected xy of shape (17, 2) and truth of (17, 3), got {pose.shape} and {person.shape}")
    if bbox is None and not (person[:, 2] > 0).any():
        raise ValueError("no keypoint is labelled (v > 0): give the person's bbox")
    box = [0.0] * 4 if bbox is None else list(np.asarray(bbox, float))
    return float(oks_matrix([pose], [{"keypoints": person.ravel(), "area": area, "bbox": box}])[0, 0])


def oks_matrix(poses: Sequence[NDArray[np.floating]], people: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """OKS of each of n poses with each of m people, (n, m) float64 in [0, 1]; see `oks`.

    poses: n arrays (17, 2) in pixels.
    people: m mappings with COCO's `keypoints` (51 numbers), `area` and `bbox`.
    """
    from pycocotools.cocoeval import COCOeval

    if not len(poses) or not len(people):
        return np.zeros((len(poses), len(people)))
    scorer = COCOeval(iouType="keypoints")
    scorer.params.kpt_oks_sigmas = OKS_SIGMAS
    scorer.params.maxDets = [len(poses)]
    scorer._gts[0, PERSON] = list(people)
    scorer._dts[0, PERSON] = [{"keypoints": _with_zeros(pose), "score": 0.0} for pose in poses]
    return scorer.computeOks(0, PERSON)


def _with_zeros(pose: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.column_stack([pose, np.zeros(17)]).ravel()


def evaluate(
    dataset: Mapping[str, Any], results: Sequence[Mapping[str, Any]], image_ids: Collection[Any] | None = None
) -> Evaluation:
    """Average precision and recall of results against COCO person annotations, by pycocotools.

    dataset: COCO's `images`, `annotations`, `categories`, as `read_annotations` gives them; only annotations of people
    count. results: records with `image_id`, `category_id`, `keypoints` (51 numbers, x, y in pixels) and `score`.
    Nothing that is given is changed. A `bbox`, `segmentation` or `area` in a result is not used: a pose's size is the
    extent of its keypoints.
    image_ids: the images that were run, those without a result included; None means all of the dataset. Results on
    other images do not count.

    Raises ValueError for an id that is not in the dataset, a result on an image that is not in it, and a result that
    is not 17 finite keypoints of a person with a finite score.
    """
    from pycocotools.cocoeval import COCOeval

    known = {image["id"] for image in dataset["images"]}
    chosen = known if image_ids is None else set(image_ids)
    if unknown := sorted(chosen - known, key=str):
        raise ValueError(f"{len(unknown)} image ids are not in the annotations, the first is {unknown[0]}")
    check_results(results, dataset)
    people = [person for person in persons(dataset) if person["image_id"] in chosen]
    numbers = {image_id: number for number, image_id in enumerate(sorted(chosen), 1)}  # pycocotools wants numbers
    sizes = COCO_SIZES | FINER_SIZES
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints
        scorer = COCOeval(_truth(numbers, people), _found(numbers, results), "keypoints")
        scorer.params.imgIds = list(numbers.values())
        scorer.params.catIds = [PERSON]
        scorer.params.kpt_oks_sigmas = OKS_SIGMAS
        scorer.params.areaRngLbl = list(sizes)
        scorer.params.areaRng = [[low**2, high**2] for low, high in sizes.values()]
        scorer.evaluate()
        scorer.accumulate()
        scorer.summarize()
    precision = scorer.eval["precision"][:, :, 0, :, 0]  # threshold, recall, size
    return Evaluation(
        stats=dict(zip(STATS, map(float, scorer.stats), strict=True)),
        ap_by_size={name: float(precision[:, :, list(sizes).index(name)].mean()) for name in FINER_SIZES},
        people_by_size={name: sum(_counts(person, *size) for person in people) for name, size in FINER_SIZES.items()},
        precision=precision[:, :, 0],
        image_ids=tuple(sorted(chosen)),
    )


def labelled(person: Mapping[str, Any]) -> bool:
    """Whether a person counts: at least one labelled keypoint, and not a crowd."""
    return count_labels(person) > 0 and not person.get("iscrowd", 0)


def count_labels(person: Mapping[str, Any]) -> int:
    """COCO's `num_keypoints`, counted (v > 0) where an annotation lacks it."""
    given = person.get("num_keypoints")
    return sum(v > 0 for v in person["keypoints"][2::3]) if given is None else given


def _counts(person: Mapping[str, Any], low: float, high: float) -> bool:
    return labelled(person) and low**2 <= person["area"] <= high**2


def person_category(dataset: Mapping[str, Any]) -> Any:
    """The id of the category with COCO's 17 keypoints; where none says its keypoints, the one whose people have 51.

    Raises ValueError when there is no such category, or more than one.
    """
    categories = dataset.get("categories") or ()
    if with_keypoints := [category for category in categories if category.get("keypoints")]:
        found = {category["id"] for category in with_keypoints if _names(category) == KEYPOINT_NAMES}
    else:
        people = (person for person in dataset["annotations"] if len(person.get("keypoints") or ()) == 51)
        found = {person.get("category_id", PERSON) for person in people}
        named = {category["id"] for category in categories if category.get("name") == "person"} or {PERSON}
        found = found & named or found or named
    if len(found) != 1:
        raise ValueError(f"{len(found) or 'no'} categories have the 17 keypoints of COCO, one is wanted")
    return found.pop()


def _names(category: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(name).lower().replace(" ", "_").replace("-", "_") for name in category["keypoints"])


def persons(dataset: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The annotations of people; those of other categories are left out."""
    category = person_category(dataset)
    return [record for record in dataset["annotations"] if record.get("category_id", category) == category]


def check_results(results: Sequence[Mapping[str, Any]], dataset: Mapping[str, Any]) -> None:
    """Raise ValueError when a result is not 17 finite keypoints of a person on one of the images, with a score.

    A person's category is that of the data set, or COCO's own, 1, where nothing else has that number.
    """
    image_ids, person = {image["id"] for image in dataset["images"]}, person_category(dataset)
    allowed = {person}
    if PERSON not in {category["id"] for category in dataset.get("categories") or ()}:
        allowed.add(PERSON)
    for number, result in enumerate(results):
        try:
            values = np.array([*result["keypoints"], result["score"]], float)
            known, right = result["image_id"] in image_ids, result["category_id"] in allowed
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"result {number}: needs image_id, category_id, 51 numbers as keypoints, and score ({error!r})"
            ) from error
        if values.shape != (52,) or not (np.abs(values) < LARGEST).all():
            raise ValueError(f"result {number}: expected 51 finite numbers as keypoints and a finite score")
        if not right:
            raise ValueError(f"result {number}: category_id is {result['category_id']}, expected {person} (person)")
        if not known:
            raise ValueError(
                f"result {number}: image {result['image_id']} is not in the annotations; another data set?"
            )


def _truth(numbers: Mapping[Any, int], people: Sequence[Mapping[str, Any]]) -> Any:
    """The people as pycocotools wants them. Ids are counted from 1: it takes a match with id 0 for none.

    numbers: of the images, by id.
    """
    return _index(
        numbers,
        [
            {
                "id": number,
                "image_id": numbers[person["image_id"]],
                "category_id": PERSON,
                "keypoints": person["keypoints"],
                "num_keypoints": count_labels(person),
                "area": person["area"],
                "bbox": person["bbox"],
                "iscrowd": person.get("iscrowd") or 0,
            }
            for number, person in enumerate(people, 1)
        ],
    )


def _found(numbers: Mapping[Any, int], results: Sequence[Mapping[str, Any]]) -> Any:
    """The results as `loadRes` would give them, also for none; `loadRes` fails on an empty list and writes into it."""
    records = []
    for number, result in enumerate((r for r in results if r["image_id"] in numbers), 1):
        points = np.array(result["keypoints"], float).reshape(17, 3)
        records.append(
            {
                "id": number,
                "image_id": numbers[result["image_id"]],
                "category_id": PERSON,
                "keypoints": points.ravel(),
                "area": float(np.ptp(points[:, 0]) * np.ptp(points[:, 1])),
                "score": float(result["score"]),
            }
        )
    return _index(numbers, records)


def _index(numbers: Mapping[Any, int], records: list[Record]) -> Any:
    from pycocotools.coco import COCO

    index = COCO()
    index.dataset = {
        "images": [{"id": number} for number in numbers.values()],
        "categories": [{"id": PERSON}],
        "annotations": records,
    }
    index.createIndex()
    return index
