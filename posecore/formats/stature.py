"""How tall somebody is in the picture."""

import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES
from posecore.formats.people import Unfit

# From the middle of the shoulders to the ankles along trunk, thigh and shank, in statures: 0.818 - 0.039 (Drillis and
# Contini 1966, in Winter, Biomechanics and Motor Control of Human Movement, figure 4.1).
LEGS_AND_TRUNK = 0.779
SURE = 0.3  # score from which on a keypoint counts


def stature(points: NDArray[np.float64]) -> float:
    """Pixels from sole to crown, standing upright, of somebody of whom there are (T, 17, 3) x, y and score.

    It is the median length of trunk, thighs and shanks, so that a stoop or a step does not matter; who comes nearer or
    turns the camera's way makes it wrong.

    Raises Unfit when one of these is never seen.
    """
    sure = np.where(points[..., 2:] >= SURE, points[..., :2], np.nan)
    at = {name: sure[:, number] for number, name in enumerate(KEYPOINT_NAMES)}
    shoulders, hips = ((at[f"left_{part}"] + at[f"right_{part}"]) / 2 for part in ("shoulder", "hip"))
    parts = [[shoulders - hips]]
    for upper, lower in (("hip", "knee"), ("knee", "ankle")):
        parts.append([at[f"{side}_{upper}"] - at[f"{side}_{lower}"] for side in ("left", "right")])
    lengths = [np.linalg.norm(np.concatenate(vectors), axis=1) for vectors in parts]
    if any(np.isnan(length).all() for length in lengths):
        raise Unfit("never shows the trunk and the legs that --person-height is measured by; give --metres-per-pixel")
    return float(sum(np.nanmedian(length) for length in lengths)) / LEGS_AND_TRUNK
