"""Between YUV and RGB, by the numbers of ITU-T H.273."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

# Weights of red and blue in luma by matrix number: BT.709, FCC, BT.601 twice, SMPTE 240M, BT.2020.
BT601 = (0.299, 0.114)
LUMA_WEIGHTS = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: BT601, 6: BT601, 7: (0.212, 0.087), 9: (0.2627, 0.0593)}


@cache
def rgb_to_yuv(matrix: int) -> NDArray[np.float64]:
    """(3, 4): Y, Cb, Cr of video range (16…235, 16…240) from R, G, B of 0…255, the last column to be added."""
    red, blue = LUMA_WEIGHTS.get(matrix, BT601)
    luma = np.array([red, 1 - red - blue, blue])
    cb, cr = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue)), (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    return np.column_stack([np.stack([219 * luma, 224 * cb, 224 * cr]) / 255, [16, 128, 128]])


@cache
def yuv_to_rgb(matrix: int) -> NDArray[np.float64]:
    """(3, 4): the way back."""
    forth = rgb_to_yuv(matrix)
    back = np.linalg.inv(forth[:, :3])
    return np.column_stack([back, -back @ forth[:, 3]])


@cache
def yuv_of(color: tuple[int, int, int], matrix: int) -> tuple[int, ...]:
    """Y, Cb, Cr in video range of an RGB colour."""
    return tuple(int(value) for value in np.rint(rgb_to_yuv(matrix) @ [*color, 1]))
