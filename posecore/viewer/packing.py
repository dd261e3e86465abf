"""A document as few bytes: quantised numbers, their steps from frame to frame, compressed. `data.js` is the way back.

Of each channel, such as the x of a nose, the steps are kept, since a step is small and its bytes repeat; smallest steps
of either sign become smallest numbers, and bytes of the same weight stand together, so that deflate has long runs of 0.
"""

import base64
import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from posecore.pose import FramePose
from posecore.viewer.series import Series

FINEST = 1 / 8  # pixels: the unit of places in pictures that are at most 2,047 pixels wide and high
SCORES = 255  # the score 1
UNKNOWN = 255  # where there is no number; 254 is 1 then


def unit_of(width: int, height: int) -> float:
    """The unit in pixels in which 16 bits reach two pictures' sizes beyond the upper left corner, either way."""
    return max(FINEST, 2 * max(width, height) / np.iinfo(np.int16).max)


def pack(arrays: Iterable[np.ndarray]) -> str:
    """Base64 of what zlib makes of (channels, n) arrays of whole numbers, one after the other."""
    return base64.b64encode(zlib.compress(b"".join(map(_steps, arrays)), 9)).decode("ascii")


def arrays_of(frames: Sequence[FramePose], series: Sequence[Series], unit: float) -> Iterator[np.ndarray]:
    """A run: times in ms and numbers of the frames; of every series frames, x and y, scores, what is filled, boxes."""
    yield np.array([[frame.timestamp_ms for frame in frames], [frame.index for frame in frames]], np.uint32)
    for one in series:
        yield one.frames[None].astype(np.uint32)
        yield _places(one.xy.reshape(-1, 34), unit)
        yield np.rint(one.score.T.clip(0, 1) * SCORES).astype(np.uint8)
        yield one.filled.T.astype(np.uint8)
        yield _places(one.box, unit)


def marks_of(shares: NDArray[np.float32]) -> np.ndarray:
    """(n,) numbers in [0, 1] as (1, n) uint8, NaN as UNKNOWN."""
    known = np.nan_to_num(shares).clip(0, 1) * (UNKNOWN - 1)
    return np.where(np.isnan(shares), UNKNOWN, np.rint(known))[None].astype(np.uint8)


def _places(pixels: np.ndarray, unit: float) -> np.ndarray:
    """(n, channels) pixels as (channels, n) int16."""
    limits = np.iinfo(np.int16)
    return np.rint(pixels.T.astype(float) / unit).clip(limits.min, limits.max).astype(np.int16)


def _steps(values: np.ndarray) -> bytes:
    """(channels, n) of whole numbers as the steps of each channel from 0: all lowest bytes first."""
    size = values.dtype.itemsize
    signed = np.dtype(f"<i{size}")
    steps = np.diff(values.astype(values.dtype.newbyteorder("<")).view(signed), axis=1, prepend=signed.type(0))
    small = (steps << 1) ^ (steps >> (8 * size - 1))  # 0, -1, 1, -2 … become 0, 1, 2, 3 …
    return np.ascontiguousarray(small).view(np.uint8).reshape(-1, size).T.tobytes()
