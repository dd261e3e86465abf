"""What is missing or wrong for a moment in the paths of points: isolated jumps are taken out, short gaps are filled.

Missing is NaN. Sizes are those of the person, the root of the area, so that the rules hold near and far.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from posecore.tracking.filters import Values

Mask = NDArray[np.bool_]
Indices = NDArray[np.int_]

JUMP = 0.25  # sizes away from the way between what is before and after: about 0.2 m
JUMP_TIME = 0.15  # seconds from the last point before to the first after; limbs take longer to go so far and come back
SUDDEN = 3.0  # times as fast into and out of it as just before and after: who turns round slows down before
RETURNS = 0.5  # of how far away it was at least, what is before and after may lie apart
SLACK = 0.002  # seconds that differences of times in whole milliseconds may be beside the truth


def without_jumps(times: Values, points: Values, size: Values, longest: float, interval: float) -> Values:
    """Points without those that are elsewhere for a moment, and were near where they were before at once again.

    Fast motion stays: it gathers speed and slows down, and does not come back as fast.

    times: (n,) seconds. points: (n, k, d), of which the first two, x and y, count. size: (n,) in their unit.
    longest: seconds of a gap that is filled. interval: usual seconds from one frame to the next.
    """
    jumping = np.zeros(points.shape[:2], bool)
    within = min(JUMP_TIME, longest + interval) + SLACK
    for length in range(1, int(within / interval)):
        starts = _jumps(times, points[..., :2], size, length, within)
        for inside in range(length):
            jumping[2 + inside : 2 + inside + len(starts)] |= starts
    return np.where(jumping[..., None], np.nan, points)


def _jumps(times: Values, points: Values, size: Values, length: int, within: float) -> Mask:
    """(n - length - 3, k): whether `length` points jump that begin 2 later."""
    n = max(0, len(times) - length - 3)

    def at(number: int) -> Values:
        return points[number : number + n]

    def clock(number: int) -> Values:
        return times[number : number + n, None]

    def speed(number: int) -> Values:
        """From a point to the next."""
        return np.linalg.norm(at(number + 1) - at(number), axis=-1) / (clock(number + 1) - clock(number))

    last = length + 2  # the first after it
    between = clock(last) - clock(1)
    away = np.full((n, points.shape[1]), np.inf)
    for number in range(2, last):
        way = at(1) + (at(last) - at(1)) * ((clock(number) - clock(1)) / between)[..., None]
        away = np.minimum(away, np.linalg.norm(at(number) - way, axis=-1))
    sudden = np.minimum(speed(1), speed(last - 1)) > SUDDEN * np.maximum(speed(0), speed(last))
    returns = np.linalg.norm(at(last) - at(1), axis=-1) < RETURNS * away
    found: Mask = sudden & returns & (away > JUMP * size[2 : 2 + n, None]) & (between <= within)
    return found


def fill_gaps(times: Values, points: Values, longest: float, interval: float) -> tuple[Values, Mask, Indices, Indices]:
    """Points with the gaps filled that last no longer than `longest` seconds; which those are; and what is beside them.

    A gap lasts as long as lies between the points beside it, less the usual interval: missing frames times it.

    points: (n, k, d). Returns the points, (n, k) bool, and (n, k) the indices of the points before and after, which
    mean something where a point is filled.
    """
    seen = np.isfinite(points[..., 0])
    before, after = _beside(seen)
    there = (before >= 0) & (after < len(times))
    before, after = np.maximum(before, 0), np.minimum(after, len(times) - 1)
    fill = ~seen & there & (times[after] - times[before] - interval <= longest + SLACK)
    points = points.copy()
    for k in np.flatnonzero(fill.any(axis=0)):
        path = PchipInterpolator(times[seen[:, k]], points[seen[:, k], k])
        points[fill[:, k], k] = path(times[fill[:, k]])
    return points, fill, before, after


def _beside(seen: Mask) -> tuple[Indices, Indices]:
    """(n, k): for each point the index of the last that is seen up to it, or -1, and of the first from it on, or n."""
    number = np.arange(len(seen))[:, None]
    before = np.maximum.accumulate(np.where(seen, number, -1))
    after = np.minimum.accumulate(np.where(seen, number, len(seen))[::-1])[::-1]
    return before, after


def stretches(times: Values, seen: Mask, longest: float) -> Iterator[tuple[slice, Indices]]:
    """Frames and points of all that is there without a gap, nor a step of more than `longest` seconds.

    Points that come and go together are given together. seen: (n, k).
    """
    patterns, which = np.unique(seen, axis=1, return_inverse=True)
    steps = np.flatnonzero(np.diff(times) > longest) + 1
    for number in range(patterns.shape[1]):
        edges = np.flatnonzero(np.diff(patterns[:, number])) + 1
        bounds = [0, *np.union1d(edges, steps).tolist(), len(times)]
        for first, end in pairwise(bounds):
            if patterns[first, number]:
                yield slice(first, end), np.flatnonzero(which == number)
