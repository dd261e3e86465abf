"""Which number ranks poses best? AP of every instance score, chosen on one half of the images, reported on the other.

The halves are fixed by the image id: even ids choose, odd ids report. A pose's score changes AP and not one keypoint,
so the model runs once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.coco import LANDMARK_OF_KEYPOINT
from posecore.evaluation.dataset import people_by_image
from posecore.evaluation.instance_score import INSTANCE_SCORES, instance_score
from posecore.evaluation.oks import RECALLS, THRESHOLDS, oks
from posecore.pose import Landmarks, Person

FITTED = "fitted (ridge)"
SIMPLEST = ("mean-max", "mean-presence", "mean-visibility", *INSTANCE_SCORES, FITTED)  # first: the simplest
RESAMPLES = 500

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RankedPoses:
    """One pose at most on each of n pictures of one person.

    image_id: (n,) every picture that was run. oks: (n,) of its pose, NaN where none was found.
    scores: by name, (n,) NaN where none was found. features: (n, 34) visibility and presence of the 17 keypoints.
    """

    image_id: NDArray[np.int64]
    oks: Array
    scores: dict[str, Array]
    features: Array


def score_poses(dataset: Mapping[str, Any], poses: Mapping[int, Sequence[Person]]) -> RankedPoses:
    """OKS and every instance score of the poses on pictures of one person.

    dataset: COCO's annotations; poses: by image id, every picture that was run, at most one pose each.
    """
    ids = sorted(poses)
    people = people_by_image(dataset, ids)
    similarity, features = np.full(len(ids), np.nan), np.full((len(ids), 34), np.nan)
    scores = {name: np.full(len(ids), np.nan) for name in INSTANCE_SCORES}
    for n, image_id in enumerate(ids):
        for found in poses[image_id]:
            person = people[image_id][0]
            truth = np.array(person["keypoints"], float).reshape(17, 3)
            similarity[n] = oks(found.keypoints.xy, truth, person["area"], person["bbox"])
            if found.landmarks is None:
                raise ValueError("instance scores are made of BlazePose's landmarks, which this model does not give")
            features[n] = _describe(found.landmarks)
            for name in INSTANCE_SCORES:
                scores[name][n] = instance_score(found.landmarks, name)
    return RankedPoses(np.array(ids), similarity, scores, features)


def _describe(landmarks: Landmarks) -> Array:
    """What a fitted score sees of a pose, (34,)."""
    chosen = LANDMARK_OF_KEYPOINT
    return np.concatenate([landmarks.visibility[chosen], landmarks.presence[chosen]]).astype(float)


def average_precision(similarity: Array, score: Array) -> float:
    """COCO's AP where every picture has one person and at most one pose.

    similarity: (n,) OKS per picture, NaN where there is no pose; score: (n,). The same as
    `posecore.evaluation.evaluate` gives (a test compares them), fast enough for resampling.
    """
    found = np.flatnonzero(~np.isnan(similarity))
    ranked = similarity[found[np.argsort(-score[found], kind="stable")]]
    if not len(ranked):
        return 0.0
    right = np.cumsum(ranked[None] >= THRESHOLDS[:, None], axis=1)
    precision = np.maximum.accumulate((right / np.arange(1, len(ranked) + 1))[:, ::-1], axis=1)[:, ::-1]
    recall = right / len(similarity)
    at = [np.searchsorted(line, RECALLS, side="left") for line in recall]
    return float(np.mean([np.append(p, 0.0)[i] for p, i in zip(precision, at, strict=True)]))


def fitted_score(poses: RankedPoses, half: NDArray[np.bool_]) -> Array:
    """OKS foretold by ridge regression from 34 numbers, (n,); fitted on `half` only.

    Inside the half every fifth of the pictures is foretold by a fit on the others, so that no pose tells of itself.
    """
    foretold = np.full(len(poses.oks), np.nan)
    fold = poses.image_id // 2 % 5
    found = ~np.isnan(poses.oks)
    for k in range(5):
        foretold[half & (fold == k)] = _ridge(poses, half & found & (fold != k), half & (fold == k))
    foretold[~half] = _ridge(poses, half & found, ~half)
    return foretold


def _ridge(poses: RankedPoses, known: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Array:
    x, y = poses.features[known], poses.oks[known]
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = (x - middle) / spread
    weights = np.linalg.solve(z.T @ z + len(z) * np.eye(z.shape[1]), z.T @ (y - y.mean()))
    return y.mean() + (poses.features[wanted] - middle) / spread @ weights


def compare(models: dict[str, RankedPoses]) -> dict[str, Any]:
    """AP by half, score and model; and the mean over models of the difference to the best score of the choosing half.

    The difference comes with its standard error, from resampling pictures, all scores and models on the same ones.
    """
    ids = next(iter(models.values())).image_id
    choosing = ids % 2 == 0
    scores = {name: poses.scores | {FITTED: fitted_score(poses, choosing)} for name, poses in models.items()}
    names = [*INSTANCE_SCORES, FITTED]
    table: dict[str, Any] = {"images": {"choose": int(choosing.sum()), "report": int((~choosing).sum())}}
    best = ""
    for half, pictures in (("choose", np.flatnonzero(choosing)), ("report", np.flatnonzero(~choosing))):
        ap = {
            name: {m: average_precision(p.oks[pictures], scores[m][name][pictures]) for m, p in models.items()}
            for name in names
        }
        best = best or max(names, key=lambda name: sum(ap[name].values()))
        resampled = _resample(models, scores, names, pictures)
        table[half] = {
            name: {
                "AP": {model: round(value, 4) for model, value in ap[name].items()},
                "mean": round(float(np.mean(list(ap[name].values()))), 4),
                "behind_best": round(float(np.mean([ap[best][m] - ap[name][m] for m in models])), 4),
                "standard_error": round(float((resampled[best] - resampled[name]).std(ddof=1)), 4),
            }
            for name in names
        }
    return table | {"best": best, "chosen": choose(table["choose"])}


def choose(half: dict[str, Any]) -> str:
    """The one-standard-error rule: the first of SIMPLEST that is not behind the best by more than a standard error."""
    return next(name for name in SIMPLEST if half[name]["behind_best"] <= half[name]["standard_error"])


def _resample(
    models: dict[str, RankedPoses],
    scores: dict[str, dict[str, Array]],
    names: Sequence[str],
    pictures: NDArray[np.int64],
) -> dict[str, Array]:
    """Mean AP over the models on RESAMPLES draws of the pictures, by score."""
    rng = np.random.default_rng(0)
    draws = [rng.choice(pictures, len(pictures)) for _ in range(RESAMPLES)]
    return {
        name: np.array(
            [np.mean([average_precision(p.oks[d], scores[m][name][d]) for m, p in models.items()]) for d in draws]
        )
        for name in names
    }
