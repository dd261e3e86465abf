"""What kind of error each keypoint is, and how much the people of a picture are in one another's way.

Bounds and names of the kinds are those of Ronchi, Perona 2017 (arXiv:1707.05388), but that an inversion is one of left
and right only.
"""

import numpy as np
from numpy.typing import NDArray

from posecore.coco import MIRRORED, OKS_SIGMAS
from posecore.evaluation.matching import Matches, keypoint_oks
from posecore.similarity import iou

GOOD, NEAR = 0.85, 0.5  # similarity to the label: from the first on it is good, from the second on a jitter
KINDS = ("good", "jitter", "inversion", "swap", "miss", "no pose")


def error_kinds(matches: Matches) -> NDArray[np.int8]:
    """(P, 17) the index of each keypoint's kind in KINDS; −1 where nothing is labelled.

    good and jitter are similar to their label, exp(−d² / (2 · area · (2σ)²)); of the others an inversion lies at the
    label of the other side, a swap at that of the same keypoint, of either side, of another person in the picture, and
    a miss at neither.
    """
    own = keypoint_oks(matches)
    inverted = _similarity(matches.xy, matches.truth[:, MIRRORED], matches.area)
    kinds = np.full(own.shape, KINDS.index("miss"))
    kinds[_at_others(matches)] = KINDS.index("swap")
    kinds[inverted >= NEAR] = KINDS.index("inversion")
    kinds[own >= NEAR] = KINDS.index("jitter")
    kinds[own >= GOOD] = KINDS.index("good")
    kinds[~matches.paired] = KINDS.index("no pose")
    kinds[~matches.labelled] = -1
    return kinds.astype(np.int8)


def overlaps(matches: Matches) -> NDArray[np.float64]:
    """(P,) the largest IoU of each person's box with that of another who counts; 0 for one who is alone."""
    boxes = np.hstack([matches.box[:, :2], matches.box[:, :2] + matches.box[:, 2:]])
    found = np.zeros(len(boxes))
    for n, box in enumerate(boxes):
        others = matches.image_id == matches.image_id[n]
        others[n] = False
        found[n] = max(iou(boxes[others], box), default=0)
    return found


def _at_others(matches: Matches) -> NDArray[np.bool_]:
    """(P, 17) whether a keypoint lies at the label of the same keypoint, of either side, of another person."""
    found = np.zeros(matches.labelled.shape, bool)
    for one, image_id in enumerate(matches.image_id):
        others = np.flatnonzero(matches.image_id == image_id)
        for other in others[others != one]:
            for side in (slice(None), MIRRORED):
                found[one] |= _similarity(matches.xy[one], matches.truth[other, side], matches.area[one]) >= NEAR
    return found


def _similarity(xy: NDArray[np.float64], label: NDArray[np.float64], area: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…, 17) of points, (…, 17, 2), to labels, (…, 17, 3); 0 where nothing is labelled."""
    squared = ((xy - label[..., :2]) ** 2).sum(axis=-1)
    similarity = np.exp(-squared / (2 * np.expand_dims(area, -1) * (2 * OKS_SIGMAS) ** 2))
    return np.where(label[..., 2] > 0, np.nan_to_num(similarity), 0)
