"""One number per pose that ranks poses by how right they are: what average precision sorts by."""

from collections.abc import Callable

import numpy as np

from posecore.coco import KEYPOINT_NAMES, LANDMARK_NAMES, LANDMARK_OF_KEYPOINT
from posecore.options import INSTANCE_SCORE
from posecore.pose import Floats, Landmarks

_BODY = [LANDMARK_NAMES.index(name) for name in KEYPOINT_NAMES[5:]]  # shoulders to ankles
_SMALLEST = 1e-6  # keeps a logarithm finite


def _geometric_mean(values: Floats) -> np.floating:
    return np.exp(np.log(np.maximum(values, _SMALLEST)).mean())


# Every function takes (visibility, presence), each (n,) float32 in [0, 1], with the landmarks it looks at.
_FORMULAS: dict[str, tuple[Callable[[Floats, Floats], np.floating], list[int]]] = {
    "mean-max": (lambda v, p: np.maximum(v, p).mean(), LANDMARK_OF_KEYPOINT),
    "mean-presence": (lambda v, p: p.mean(), LANDMARK_OF_KEYPOINT),
    "mean-visibility": (lambda v, p: v.mean(), LANDMARK_OF_KEYPOINT),
    "mean-visibility-33": (lambda v, p: v.mean(), list(range(33))),
    "mean-visibility-body": (lambda v, p: v.mean(), _BODY),
    "rms-visibility": (lambda v, p: np.sqrt((v * v).mean()), LANDMARK_OF_KEYPOINT),
    "self-weighted": (lambda v, p: (v * v).sum() / np.maximum(v.sum(), _SMALLEST), LANDMARK_OF_KEYPOINT),
    "mean-product": (lambda v, p: (v * p).mean(), LANDMARK_OF_KEYPOINT),
    "mean-min": (lambda v, p: np.minimum(v, p).mean(), LANDMARK_OF_KEYPOINT),
    "product-of-means": (lambda v, p: v.mean() * p.mean(), LANDMARK_OF_KEYPOINT),
    "median-visibility": (lambda v, p: np.median(v), LANDMARK_OF_KEYPOINT),
    "geometric-visibility": (lambda v, p: _geometric_mean(v), LANDMARK_OF_KEYPOINT),
    "min-visibility": (lambda v, p: v.min(), LANDMARK_OF_KEYPOINT),
}
INSTANCE_SCORES = tuple(_FORMULAS)


def instance_score(landmarks: Landmarks, name: str = INSTANCE_SCORE) -> float:
    """The score of a pose, in [0, 1]; a pose with the higher one should be the better one.

    name: one of INSTANCE_SCORES. "rms-visibility" is the root of the mean squared visibility of the 17 COCO keypoints:
    every visibility weighted by itself, for a point that is hardly visible is seldom labelled and says less of OKS. It
    is the score of a Person (`posecore.coco.to_person`).
    "mean-max", the mean of max(visibility, presence), is the `pose_score` of the JSON document. The endings -33 and
    -body mean all landmarks, and the twelve from shoulders to ankles. eval/instance_score.py compares them.

    Raises ValueError for another name.
    """
    if name not in _FORMULAS:
        raise ValueError(f"{name}: unknown instance score; known are {', '.join(INSTANCE_SCORES)}")
    formula, chosen = _FORMULAS[name]
    return float(formula(landmarks.visibility[chosen], landmarks.presence[chosen]))
