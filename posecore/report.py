"""The report on a set of results: everything that is measured, as plain numbers ready for JSON."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.oks import FINER_SIZES, RECALLS, THRESHOLDS, evaluate
from posecore.pairs import RIGHT, Pairs, keypoint_oks, offsets, pair, pck, torso

BINS = 10  # of the calibration, with equally many poses each


@dataclass(frozen=True, eq=False)
class Report:
    """numbers: all that is measured, ready for JSON, described in `make_report`; pairs: what it was measured on."""

    numbers: dict[str, Any]
    pairs: Pairs


def make_report(
    dataset: Mapping[str, Any], results: Sequence[Mapping[str, Any]], image_ids: Collection[int] | None = None
) -> Report:
    """Score results against COCO annotations; the arguments and errors are those of `posecore.oks.evaluate`.

    The numbers, None where there is nothing to measure:

    stats: COCO's ten numbers. people: how many count (labelled), have a pose (paired), have one with OKS ≥ 0.5 (right)
    and have none (missed); their mean OKS with 0 for the missed; the number of poses.
    images: how many, and in how many with people no pose was found. image_ids: which.
    sizes: AP by a person's √area in pixels, with the number of people and of missed ones.
    keypoints: per keypoint, over the people for whom it is labelled: OKS and PCK of those with a pose ("paired") and
    of all, the missed counted as wrong ("all"); the median signed error of the paired in units of √area.
    PCK 0.2 torso: closer than a fifth of the distance from mid-shoulders to mid-hips, over people with these four
    labelled. PCK 0.1 box: closer than a tenth of the longer side of the box, over all people.
    precision_recall: precision at 101 recalls, for OKS thresholds 0.5 and 0.75 and as mean of COCO's ten.
    oks_histogram: people with a pose by OKS, 20 bins in [0, 1].
    calibration: poses in bins of rising score: mean score, mean OKS, share with OKS ≥ 0.5.
    """
    scored = evaluate(dataset, results, image_ids)
    pairs = pair(dataset, results, scored.image_ids)
    numbers = {
        "stats": scored.stats,
        "people": _people(pairs),
        "images": _images(pairs, scored.image_ids, results),
        "sizes": _sizes(pairs, scored.ap_by_size),
        "keypoints": _keypoints(pairs),
        "precision_recall": _precision_recall(scored.precision),
        "oks_histogram": np.histogram(pairs.oks[pairs.paired], 20, (0, 1))[0].tolist(),
        "calibration": _calibration(pairs),
        "image_ids": list(scored.image_ids),
    }
    return Report(numbers, pairs)


def _people(pairs: Pairs) -> dict[str, Any]:
    return {
        "labelled": len(pairs.oks),
        "paired": int(pairs.paired.sum()),
        "right": int((pairs.oks >= RIGHT).sum()),
        "missed": int((~pairs.paired).sum()),
        "mean_oks": _mean(pairs.oks),
        "poses": len(pairs.pose_score),
    }


def _images(pairs: Pairs, image_ids: Collection[int], results: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    with_people = set(pairs.image_id.tolist())
    return {
        "run": len(image_ids),
        "with_people": len(with_people),
        "with_people_without_pose": len(with_people - {result["image_id"] for result in results}),
    }


def _sizes(pairs: Pairs, ap_by_size: Mapping[str, float]) -> list[dict[str, Any]]:
    sizes = []
    for name, (low, high) in FINER_SIZES.items():
        inside = (pairs.area >= low**2) & (pairs.area <= high**2)
        missed = int((inside & ~pairs.paired).sum())
        sizes.append({"size": name, "people": int(inside.sum()), "missed": missed, "AP": ap_by_size[name]})
    return sizes


def _keypoints(pairs: Pairs) -> list[dict[str, Any]]:
    measures = {
        "oks": keypoint_oks(pairs),
        "pck_0.2_torso": pck(pairs, 0.2, torso(pairs)),
        "pck_0.1_box": pck(pairs, 0.1, pairs.box[:, 2:].max(axis=1, initial=0)),
    }
    error = offsets(pairs)
    rows: list[dict[str, Any]] = []
    for k, name in enumerate(KEYPOINT_NAMES):
        labelled = pairs.labelled[:, k]
        row = {"name": name, "labelled": int(labelled.sum()), "paired": int((labelled & pairs.paired).sum())}
        for measure, values in measures.items():
            row[measure] = {"paired": _mean(values[pairs.paired, k]), "all": _mean(values[:, k])}
        row["median_error"] = [_median(error[:, k, axis]) for axis in (0, 1)]
        rows.append(row)
    return rows


def _precision_recall(precision: np.ndarray) -> dict[str, list[float]]:
    curves = {f"oks_{t}": precision[int(np.argmin(abs(THRESHOLDS - t)))] for t in (0.5, 0.75)}
    curves["mean"] = precision.mean(axis=0)
    return {"recall": RECALLS.round(2).tolist()} | {name: curve.round(5).tolist() for name, curve in curves.items()}


def _calibration(pairs: Pairs) -> list[dict[str, Any]]:
    order = np.argsort(pairs.pose_score, kind="stable")
    return [
        {
            "poses": len(bin),
            "score": _mean(pairs.pose_score[bin]),
            "oks": _mean(pairs.pose_oks[bin]),
            "right": _mean(pairs.pose_oks[bin] >= RIGHT),
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
