"""Keypoints from heatmaps: the highest cell of each, and from the cells around it where in between the top is.

The refinement is DARK (Zhang et al. 2020, arXiv:1910.06278) as UDP has it (Huang et al. 2020, arXiv:1911.07524): a
Newton step on the logarithm of the smoothed map.
"""

from typing import Any

import cv2
import numpy as np

from posecore.pose import Floats

KERNEL = 11  # cells of the Gaussian, side
LOWEST, HIGHEST = 0.001, 50.0  # of what a logarithm is taken
NEARLY_0 = np.finfo(np.float32).eps  # added to the curvatures, or a flat map would have no step


def decode_heatmaps(maps: Floats) -> tuple[Floats, Floats]:
    """The top of each heatmap, between the cells.

    maps: (k, height, width).

    Returns places, (k, 2) x, y, in which 0 and 1 are the middles of the first and the last cell, and scores, (k,), the
    highest values.
    """
    count, height, width = maps.shape
    flat = maps.reshape(count, -1)
    y, x = np.divmod(flat.argmax(axis=1), width)
    tops = np.column_stack([x, y]) + _steps(_logarithms(maps), x, y)
    return (tops / (width - 1, height - 1)).astype(np.float32), flat.max(axis=1)


def _logarithms(maps: Floats) -> Floats:
    """Of the smoothed maps, with a rim that repeats the outermost cells."""
    smooth = np.stack([cv2.GaussianBlur(one, (KERNEL, KERNEL), 0) for one in maps])
    return np.pad(np.log(np.clip(smooth, LOWEST, HIGHEST)), ((0, 0), (1, 1), (1, 1)), "edge")


def _steps(rimmed: Floats, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """From cells x, y, one of each map, to where the slope would be 0: (k, 2), in cells."""

    def at(right: int, down: int) -> Any:
        return rimmed[np.arange(len(rimmed)), y + 1 + down, x + 1 + right]

    here, left, right, up, down = at(0, 0), at(-1, 0), at(1, 0), at(0, -1), at(0, 1)
    slope_x, slope_y = 0.5 * (right - left), 0.5 * (down - up)
    bend_x = (right - 2 * here + left).astype(np.float64) + NEARLY_0
    bend_y = (down - 2 * here + up).astype(np.float64) + NEARLY_0
    twist = 0.5 * (at(1, 1) - right - down + 2 * here - left - up + at(-1, -1)).astype(np.float64)
    determinant = bend_x * bend_y - twist * twist
    determinant[determinant == 0] = np.inf  # no step
    return -np.column_stack([
        (bend_y * slope_x - twist * slope_y) / determinant, (bend_x * slope_y - twist * slope_x) / determinant
    ])  # fmt: skip
