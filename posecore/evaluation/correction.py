"""Fitting the correction of BlazePose's keypoints on pictures of COCO, and judging it on pictures that it never saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.coco import LANDMARK_NAMES, MIRRORED, OKS_SIGMAS
from posecore.coco_correction import CocoCorrection, Posture
from posecore.evaluation.dataset import people_by_image
from posecore.evaluation.oks import labelled, oks_matrix
from posecore.pose import Person

STRENGTH = 1.0  # of the ridge: what a weight costs, where the variance of a coordinate is about 0.3
FOLDS = 5
LEAST = 0.3  # OKS of a pose with a person; below it is somebody else's, or nobody's
LEAST_KEYPOINT = 0.1  # the same of a keypoint; below it lies on another limb, and no correction mends that
SIDES = {"left": "right", "right": "left"}
MIRRORED_LANDMARKS = [
    LANDMARK_NAMES.index("_".join(SIDES.get(word, word) for word in name.split("_"))) for name in LANDMARK_NAMES
]

Array = NDArray[np.float64]
Poses = Mapping[Any, Sequence[Person]]  # by image id


@dataclass(frozen=True, eq=False)
class Pairs:
    """Poses with the people they are of, n of them, as `Posture` has both.

    image_id: (n,). points: (n, 33, 2), the landmarks. moves: (n, 17, 2), from the keypoints to the labels.
    known: (n, 17), whether there is a label near enough to learn from.
    """

    image_id: NDArray[Any]
    points: Array
    moves: Array
    known: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> "Pairs":
        """Some of them."""
        return Pairs(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def with_mirrored(self) -> "Pairs":
        """The same, and as many of a mirrored world."""
        flip = np.array([-1, 1])
        points, moves = self.points[:, MIRRORED_LANDMARKS] * flip, self.moves[:, MIRRORED] * flip
        mirrored = self.image_id, points, moves, self.known[:, MIRRORED]
        return Pairs(*(np.concatenate([getattr(self, f.name), m]) for f, m in zip(fields(self), mirrored, strict=True)))


def pose_pairs(dataset: Mapping[str, Any], models: Iterable[Poses]) -> Pairs:
    """Every pose of several models with the labelled person whom it fits best, if it fits.

    dataset: COCO's annotations; models: poses of BlazePose, not corrected.

    Raises ValueError when no pose fits anybody.
    """
    sizes = _sizes(dataset)
    people = people_by_image(dataset, sizes)
    rows = []
    for image_id, found in (item for poses in models for item in poses.items()):
        counted = [person for person in people[image_id] if labelled(person)]
        similarity = oks_matrix([pose.keypoints.xy for pose in found], counted)
        for pose, oks in zip(found, similarity if counted else (), strict=bool(counted)):
            if oks.max() >= LEAST:
                rows.append((image_id, *_pair(pose, counted[int(oks.argmax())], sizes[image_id])))
    if not rows:
        raise ValueError("no pose fits a labelled person, there is nothing to learn from")
    return Pairs(*map(np.array, zip(*rows, strict=True)))


def _sizes(dataset: Mapping[str, Any]) -> dict[Any, tuple[int, int]]:
    return {image["id"]: (image["width"], image["height"]) for image in dataset["images"]}


def _pair(pose: Person, person: Mapping[str, Any], size: tuple[int, int]) -> tuple[Array, Array, NDArray[np.bool_]]:
    assert pose.landmarks is not None
    posture = Posture.of(pose.landmarks.xyz[:, :2] * np.array(size))
    truth = np.array(person["keypoints"], float).reshape(17, 3)
    beside = truth[:, :2] - pose.keypoints.xy
    oks = np.exp(-(beside**2).sum(axis=1) / (2 * person["area"] * (2 * OKS_SIGMAS) ** 2))
    return posture.points, beside @ posture.axes.T / posture.size, (truth[:, 2] > 0) & (oks >= LEAST_KEYPOINT)


def fit_correction(pairs: Pairs, strength: float = STRENGTH) -> CocoCorrection:
    """Ridge regression of the moves on the points, each keypoint by itself; the mirrored world counts as much."""
    pairs = pairs.with_mirrored()
    mean = pairs.points.mean(axis=0)
    x = (pairs.points - mean).reshape(len(pairs.points), -1)
    weights, constant = np.zeros((17, 2, 33, 2)), np.zeros((17, 2))
    for k in range(17):
        known = pairs.known[:, k]
        of_points, of_moves = x[known].mean(axis=0), pairs.moves[known, k].mean(axis=0)
        z = x[known] - of_points
        found = np.linalg.solve(z.T @ z + known.sum() * strength * np.eye(66), z.T @ (pairs.moves[known, k] - of_moves))
        weights[k], constant[k] = found.T.reshape(2, 33, 2), of_moves - of_points @ found
    return CocoCorrection(mean, weights, constant)


def _folds(image_ids: Iterable[Any]) -> dict[Any, int]:
    """Which of FOLDS each image belongs to, drawn once."""
    ids = sorted(image_ids)
    return {ids[n]: place % FOLDS for place, n in enumerate(np.random.default_rng(0).permutation(len(ids)))}


def cross_corrected(dataset: Mapping[str, Any], by_model: Mapping[str, Poses], pairs: Pairs) -> dict[str, Poses]:
    """The poses of several models on the same pictures, corrected by what the pictures of other folds tell.

    pairs: what the correction may learn from, of the same pictures.
    """
    sizes = _sizes(dataset)
    folds = _folds(sizes)
    held_out = np.array([folds[image_id] for image_id in pairs.image_id.tolist()])
    corrections = [fit_correction(pairs.of(held_out != fold)) for fold in range(FOLDS)]
    return {
        model: {i: [corrections[folds[i]](pose, *sizes[i]) for pose in found] for i, found in poses.items()}
        for model, poses in by_model.items()
    }
