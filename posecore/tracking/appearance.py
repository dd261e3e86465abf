"""What somebody wears: the colours of the torso and of the thighs."""

import cv2
import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.pose import Floats, Image, Person


def _indices(*names: str) -> list[int]:
    return [KEYPOINT_NAMES.index(f"{side}_{name}") for name in names for side in ("left", "right")]


PARTS = _indices("shoulder", "hip"), _indices("hip", "knee")
BINS = 6  # of each channel of CIELAB
RANGES = [0, 256, 64, 192, 64, 192]  # of L, a and b in OpenCV's bytes; clothes are no more colourful
MIN_SIDE = 4  # pixels of a part that shows its colours
NARROW = 0.35  # of its height, the least width of a part: from the side shoulders and hips fall together
EMPTY = 1e-3  # pixels in a bin where there are none


def clothes(image: Image, person: Person) -> Floats | None:
    """Two histograms, (2, 216), each summing to 1; None when too little of the torso is in the picture.

    image: (height, width, 3) uint8 RGB. Thighs that are not in it have all colours alike.
    """
    torso, thighs = (_colors(image, person.keypoints.xy[part]) for part in PARTS)
    if torso is None:
        return None
    return np.stack([torso, np.full_like(torso, 1 / len(torso)) if thighs is None else thighs])


def alike(one: Floats, other: Floats) -> float:
    """The mean Bhattacharyya coefficient of the histograms of two people, in [0, 1]."""
    return float(np.sqrt(one * other).sum(axis=1).mean())


def _colors(image: Image, corners: Floats) -> Floats | None:
    """The histogram of the upright rectangle around four keypoints."""
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    widen = max(0.0, NARROW * (y1 - y0) - (x1 - x0)) / 2
    height, width = image.shape[:2]
    left, right = np.clip([x0 - widen, x1 + widen], 0, width).astype(int)
    top, bottom = np.clip([y0, y1], 0, height).astype(int)
    if min(right - left, bottom - top) < MIN_SIDE:
        return None
    lab = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2Lab)
    counts = cv2.calcHist([lab], [0, 1, 2], None, [BINS] * 3, RANGES).ravel() + EMPTY
    return counts / counts.sum()
