"""Which number ranks poses best? AP of every instance score, chosen on one half of the images, reported on the other.

The halves are fixed by the image id: even ids choose, odd ids report. A pose's score changes AP and not one keypoint,
so the model runs once. README.md says what came out.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from run_file import write_json
from tqdm import tqdm

from posecore.assets import MODEL_NAMES
from posecore.coco import KEYPOINT_NAMES, LANDMARK_NAMES
from posecore.dataset import people_by_image, read_annotations, read_ids, single_person_ids
from posecore.estimator import open_estimator
from posecore.instance_score import INSTANCE_SCORES, instance_score
from posecore.oks import RECALLS, THRESHOLDS, oks
from posecore.pose import Landmarks
from posecore.protocol import find_in_image, read_picture

FITTED = "fitted (ridge)"
KEYPOINTS = [LANDMARK_NAMES.index(name) for name in KEYPOINT_NAMES]
SIMPLEST = ("mean-max", "mean-presence", "mean-visibility", *INSTANCE_SCORES, FITTED)  # first: the simplest
RESAMPLES = 500

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Poses:
    """One pose at most on each of n pictures of one person.

    image_id: (n,) every picture that was run. oks: (n,) of its pose, NaN where none was found.
    scores: by name, (n,) NaN where none was found. features: (n, 34) visibility and presence of the 17 keypoints.
    """

    image_id: NDArray[np.int64]
    oks: Array
    scores: dict[str, Array]
    features: Array


def run_model(complexity: int, dataset: dict[str, Any], images: str, ids: Sequence[int]) -> Poses:
    """The poses on pictures of one person, protocol image."""
    pictures = {picture["id"]: picture for picture in dataset["images"]}
    people = people_by_image(dataset, ids)
    similarity, features = np.full(len(ids), np.nan), np.full((len(ids), 34), np.nan)
    scores = {name: np.full(len(ids), np.nan) for name in INSTANCE_SCORES}
    with open_estimator(complexity=complexity, mode="image", max_side=0) as estimator:
        for n, image_id in enumerate(tqdm(ids, desc=MODEL_NAMES[complexity], unit="image", disable=None)):
            poses = find_in_image(estimator, read_picture(images, pictures[image_id]))
            if not poses:
                continue
            landmarks, found = poses[0]
            person = people[image_id][0]
            truth = np.array(person["keypoints"], float).reshape(17, 3)
            similarity[n] = oks(found.xy, truth, person["area"], person["bbox"])
            features[n] = describe(landmarks)
            for name in INSTANCE_SCORES:
                scores[name][n] = instance_score(landmarks, name)
    return Poses(np.array(ids), similarity, scores, features)


def describe(landmarks: Landmarks) -> Array:
    """What a fitted score sees of a pose, (34,)."""
    return np.concatenate([landmarks.visibility[KEYPOINTS], landmarks.presence[KEYPOINTS]]).astype(float)


def average_precision(similarity: Array, score: Array) -> float:
    """COCO's AP where every picture has one person and at most one pose.

    similarity: (n,) OKS per picture, NaN where there is no pose; score: (n,). The same as `posecore.oks.evaluate`
    gives (a test compares them), fast enough for resampling.
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


def fitted_score(poses: Poses, half: NDArray[np.bool_]) -> Array:
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


def _ridge(poses: Poses, known: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Array:
    x, y = poses.features[known], poses.oks[known]
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = (x - middle) / spread
    weights = np.linalg.solve(z.T @ z + len(z) * np.eye(z.shape[1]), z.T @ (y - y.mean()))
    return y.mean() + (poses.features[wanted] - middle) / spread @ weights


def compare(models: dict[str, Poses]) -> dict[str, Any]:
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
    models: dict[str, Poses], scores: dict[str, dict[str, Array]], names: Sequence[str], pictures: NDArray[np.int64]
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


def print_table(table: dict[str, Any], models: Sequence[str]) -> None:
    """The comparison as text, best of the choosing half first."""
    images = table["images"]
    print(f"{'':22} choose ({images['choose']} images){'':{8 * len(models) - 9}} report ({images['report']} images)")
    heads = "".join(f"{model:>8}" for model in (*models, "mean"))
    print(f"{'instance score':20}{heads}  behind best ± se  {heads}  behind best ± se")
    for name in sorted(table["choose"], key=lambda name: -table["choose"][name]["mean"]):
        cells = ""
        for half in ("choose", "report"):
            row = table[half][name]
            cells += "".join(f"{row['AP'][model]:8.3f}" for model in models) + f"{row['mean']:8.3f}"
            cells += f"   {row['behind_best']:+.4f} ± {row['standard_error']:.4f}  "
        print(f"{name:20}{cells}")
    print(f"best of the choosing half: {table['best']}; simplest within one standard error: {table['chosen']}")


def main(arguments: list[str] | None = None) -> int:
    """Compare; the exit status is 2 when the input is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", required=True, metavar="A.json", help="COCO person keypoint annotations")
    parser.add_argument("--images", required=True, metavar="DIR", help="folder of their pictures")
    parser.add_argument("--ids", metavar="FILE", help="pictures of one person; default: all such of the annotations")
    parser.add_argument("--model-complexity", type=int, choices=(0, 1, 2), nargs="+", default=[0, 1, 2])
    parser.add_argument("--table", metavar="T.json", help="write the table as JSON")
    options = parser.parse_args(arguments)
    try:
        dataset = read_annotations(options.annotations)
        single = single_person_ids(dataset)
        ids = read_ids(options.ids, dataset) if options.ids else single
        if more := sorted(set(ids) - set(single)):
            raise ValueError(f"{options.ids}: image {more[0]} is not of exactly one labelled person; see make_ids.py")
        models = {MODEL_NAMES[c]: run_model(c, dataset, options.images, ids) for c in options.model_complexity}
        table = compare(models)
        print_table(table, list(models))
        if options.table:
            write_json(options.table, table)
    except (OSError, ValueError) as error:
        print(f"instance_score: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
