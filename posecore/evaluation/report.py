"""The report on a set of results: everything that is measured, as plain numbers ready for JSON."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.evaluation.matching import RIGHT, Matches, keypoint_oks, match, offsets, pck, torso
from posecore.evaluation.oks import FINER_SIZES, RECALLS, SMALL, THRESHOLDS, evaluate

BINS = 10  # of the calibration, with equally many poses each


@dataclass(frozen=True, eq=False)
class Report:
    """numbers: all that is measured, ready for JSON, described in `make_report`; matches: what it was measured on."""

    numbers: dict[str, Any]
    matches: Matches


def make_report(
    dataset: Mapping[str, Any], results: Sequence[Mapping[str, Any]], image_ids: Collection[Any] | None = None
) -> Report:
    """Score results against COCO annotations; the arguments and errors are those of `posecore.evaluation.oks.evaluate`.

    The numbers, None where there is nothing to measure:

    stats: COCO's ten numbers. people: how many count (labelled), have a pose (paired), have one with OKS ≥ 0.5 (right)
    and have none (missed); their mean OKS with 0 for the missed; the number of poses.
    images: how many, and in how many with people no pose was found. image_ids: which.
    sizes: AP by a person's √area in pixels, with the number of people and of missed ones; those under 32, who are in
    neither of COCO's sizes, where there are some.
    keypoints: per keypoint, over the people for whom it is labelled: OKS and PCK of those with a pose ("paired") and
    of all, the missed counted as wrong ("all"); the median signed error of the paired in units of √area.
    PCK 0.2 torso: closer than a fifth of the distance from mid-shoulders to mid-hips, over people with these four
    labelled. PCK 0.1 box: closer than a tenth of the longer side of the box, over all people.
    precision_recall: precision at 101 recalls, for OKS thresholds 0.5 and 0.75 and as mean of COCO's ten.
    oks_histogram: people with a pose by OKS, 20 bins in [0, 1].
    calibration: poses in bins of rising score: mean score, mean OKS, share with OKS ≥ 0.5.
    """
    scored = evaluate(dataset, results, image_ids)
    matches = match(dataset, results, scored.image_ids)
    numbers = {
        "stats": scored.stats,
        "people": _people(matches),
        "images": _images(matches, scored.image_ids, results),
        "sizes": _sizes(matches, scored.ap_by_size),
        "keypoints": _keypoints(matches),
        "precision_recall": _precision_recall(scored.precision),
        "oks_histogram": np.histogram(matches.oks[matches.paired], 20, (0, 1))[0].tolist(),
        "calibration": _calibration(matches),
        "image_ids": list(scored.image_ids),
    }
    return Report(numbers, matches)


def _people(matches: Matches) -> dict[str, Any]:
    return {
        "labelled": len(matches.oks),
        "paired": int(matches.paired.sum()),
        "right": int((matches.oks >= RIGHT).sum()),
        "missed": int((~matches.paired).sum()),
        "mean_oks": _mean(matches.oks),
        "poses": len(matches.pose_score),
    }


def _images(matches: Matches, image_ids: Collection[Any], results: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    with_people = set(matches.image_id.tolist())
    return {
        "run": len(image_ids),
        "with_people": len(with_people),
        "with_people_without_pose": len(with_people - {result["image_id"] for result in results}),
    }


def _sizes(matches: Matches, ap_by_size: Mapping[str, float]) -> list[dict[str, Any]]:
    sizes = []
    for name, (low, high) in FINER_SIZES.items():
        inside = (matches.area >= low**2) & (matches.area <= high**2)
        missed = int((inside & ~matches.paired).sum())
        sizes.append({"size": name, "people": int(inside.sum()), "missed": missed, "AP": ap_by_size[name]})
    return [size for size in sizes if size["size"] != SMALL or size["people"]]


def _keypoints(matches: Matches) -> list[dict[str, Any]]:
    measures = {
        "oks": keypoint_oks(matches),
        "pck_0.2_torso": pck(matches, 0.2, torso(matches)),
        "pck_0.1_box": pck(matches, 0.1, matches.box[:, 2:].max(axis=1, initial=0)),
    }
    error = offsets(matches)
    rows: list[dict[str, Any]] = []
    for k, name in enumerate(KEYPOINT_NAMES):
        labelled = matches.labelled[:, k]
        row = {"name": name, "labelled": int(labelled.sum()), "paired": int((labelled & matches.paired).sum())}
        for measure, values in measures.items():
            row[measure] = {"paired": _mean(values[matches.paired, k]), "all": _mean(values[:, k])}
        row["median_error"] = [_median(error[:, k, axis]) for axis in (0, 1)]
        rows.append(row)
    return rows


def _precision_recall(precision: np.ndarray) -> dict[str, list[float]]:
    curves = {f"oks_{t}": precision[int(np.argmin(abs(THRESHOLDS - t)))] for t in (0.5, 0.75)}
    curves["mean"] = precision.mean(axis=0)
    return {"recall": RECALLS.round(2).tolist()} | {name: curve.round(5).tolist() for name, curve in curves.items()}


def _calibration(matches: Matches) -> list[dict[str, Any]]:
    order = np.argsort(matches.pose_score, kind="stable")
    return [
        {
            "poses": len(bin),
            "score": _mean(matches.pose_score[bin]),
            "oks": _mean(matches.pose_oks[bin]),
            "right": _mean(matches.pose_oks[bin] >= RIGHT),
        }
        for bin in np.array_split(order, BINS)
        if len(bin)
    ]


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _median(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None
