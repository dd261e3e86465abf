"""Who was found: every person with the pose that fits best, and what is measured on such matches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES, OKS_SIGMAS
from posecore.evaluation.dataset import group, people_by_image
from posecore.evaluation.oks import labelled, oks_matrix

Array = NDArray[np.float64]
Row = tuple[Mapping[str, Any], Array, float]  # a person, the pose, their OKS
RIGHT = 0.5  # a pose with at least this OKS is called right
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP = (
    KEYPOINT_NAMES.index(name) for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
)


@dataclass(frozen=True, eq=False)
class Matches:
    """P people who count (labelled keypoints, no crowd), each with at most one pose; and all D poses.

    image_id: (P,) int64, or objects where ids are text.
    truth: (P, 17, 3) x, y in pixels and the label v; labelled is v > 0.
    area: (P,) square pixels; box: (P, 4) x, y, width, height in pixels.
    xy: (P, 17, 2) the pose in pixels, NaN for a person without one.
    oks: (P,) in [0, 1], 0 for a person without a pose.
    pose_score, pose_oks: (D,) of every pose: its score, and its OKS with its person, 0 if it has none. Poses that fit
        a person who does not count are left out, as in COCO's own scoring.
    """

    image_id: NDArray[Any]
    truth: Array
    area: Array
    box: Array
    xy: Array
    oks: Array
    pose_score: Array
    pose_oks: Array

    @property
    def paired(self) -> NDArray[np.bool_]:
        """(P,) whether a person has a pose."""
        return np.isfinite(self.xy[:, 0, 0])

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """(P, 17) whether a keypoint is labelled."""
        return self.truth[:, :, 2] > 0


def match(dataset: Mapping[str, Any], results: Sequence[Mapping[str, Any]], image_ids: Collection[Any]) -> Matches:
    """Match the people of each image with its poses: again and again the pair with the highest OKS of those left.

    Unlike COCO's own matching no OKS is too low and the scores have no say, so a pose that is far off still counts as
    that person's pose, and every error is measured.
    """
    people, poses = people_by_image(dataset, image_ids), group(results, image_ids)
    rows: list[Row] = []
    scores: list[tuple[float, float]] = []
    for image_id in sorted(image_ids):
        found = [np.array(r["keypoints"], float).reshape(17, 3)[:, :2] for r in poses[image_id]]
        counted = [person for person in people[image_id] if labelled(person)]
        similarity = oks_matrix(found, counted)
        partner = _best_matches(similarity)
        for j, person in enumerate(counted):
            i = partner.get(j)
            rows.append((person, np.full((17, 2), np.nan), 0.0) if i is None else (person, found[i], similarity[i, j]))
        own = {i: similarity[i, j] for j, i in partner.items()}
        ignored = oks_matrix(found, [person for person in people[image_id] if not labelled(person)])
        for i, result in enumerate(poses[image_id]):
            if own.get(i, 0) >= RIGHT or not (ignored[i] >= RIGHT).any():
                scores.append((result["score"], own.get(i, 0.0)))
    return _as_arrays(rows, scores)


def _best_matches(similarity: Array) -> dict[int, int]:
    """The row of each column that gets one; similarity: (poses, people)."""
    rows: dict[int, int] = {}
    for flat in np.argsort(-similarity, axis=None, kind="stable"):
        i, j = map(int, np.unravel_index(flat, similarity.shape))
        if j not in rows and i not in rows.values():
            rows[j] = i
    return rows


def _as_arrays(rows: Sequence[Row], scores: Sequence[tuple[float, float]]) -> Matches:
    people = [row[0] for row in rows]
    poses = np.array(scores, float).reshape(-1, 2)
    return Matches(
        image_id=_ids(person["image_id"] for person in people),
        truth=np.array([person["keypoints"] for person in people], float).reshape(-1, 17, 3),
        area=np.array([person["area"] for person in people], float),
        box=np.array([person["bbox"] for person in people], float).reshape(-1, 4),
        xy=np.array([row[1] for row in rows], float).reshape(-1, 17, 2),
        oks=np.array([row[2] for row in rows], float),
        pose_score=poses[:, 0],
        pose_oks=poses[:, 1],
    )


def _ids(image_ids: Iterable[Any]) -> NDArray[Any]:
    """Image ids as numbers, or as they are where they are text."""
    given = list(image_ids)
    return np.array(given, object if any(isinstance(image_id, str) for image_id in given) else np.int64)


def distances(matches: Matches) -> Array:
    """(P, 17) pixels between pose and label; infinite for a person without a pose, NaN where nothing is labelled."""
    d = np.linalg.norm(matches.xy - matches.truth[:, :, :2], axis=2)
    return np.where(matches.labelled, np.where(matches.paired[:, None], d, np.inf), np.nan)


def keypoint_oks(matches: Matches) -> Array:
    """(P, 17) exp(−d² / (2 · area · (2σ)²)), in [0, 1]: 0 for a person without a pose, NaN where nothing is labelled.

    The mean over a person's labelled keypoints is the OKS.
    """
    area = matches.area[:, None] + np.spacing(1)  # as in pycocotools
    return np.exp(-(distances(matches) ** 2) / (2 * area * (2 * OKS_SIGMAS) ** 2))


def pck(matches: Matches, alpha: float, length: Array) -> Array:
    """(P, 17) 1 where a keypoint is closer to its label than alpha · length, else 0; NaN where nothing is labelled.

    length: (P,) pixels, such as `torso` or the longer side of the box; NaN leaves the person out.
    """
    d = distances(matches)
    known = np.isfinite(length)[:, None] & ~np.isnan(d)
    return np.where(known, d < alpha * length[:, None], np.nan)


def torso(matches: Matches) -> Array:
    """(P,) pixels from the middle of the shoulders to the middle of the hips; NaN unless all four are labelled."""
    four = [LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP]
    xy = matches.truth[:, four, :2]
    length = np.linalg.norm(xy[:, :2].mean(axis=1) - xy[:, 2:].mean(axis=1), axis=1)
    return np.where(matches.labelled[:, four].all(axis=1), length, np.nan)


def offsets(matches: Matches) -> Array:
    """(P, 17, 2) pose − label in units of √area, x to the right, y down; NaN where either is missing."""
    difference = (matches.xy - matches.truth[:, :, :2]) / np.sqrt(matches.area)[:, None, None]
    return np.where(matches.labelled[:, :, None], difference, np.nan)
