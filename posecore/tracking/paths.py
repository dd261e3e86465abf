"""The paths of the points of one person through a whole video, calmed afterwards."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.ndimage import median_filter

from posecore.options import Smoothing
from posecore.pose import Floats
from posecore.similarity import OF_EXTENT
from posecore.tracking.filters import Values, smooth_path
from posecore.tracking.gaps import Mask, fill_gaps, stretches, without_jumps

AROUND = 1.0  # seconds of which the median is the size of the person
LEAP = 1.0  # sizes that the body may go from one sighting to the next; who goes further is somebody else
SPAN = 10  # frames over which the usual interval is measured
STEPS = 2  # usual intervals that may lie between two frames, whatever the longest gap


class Paths(NamedTuple):
    """Points, (n, k, d), NaN where they are missing still; their score and whether they are filled, (n, k).

    jumps: how many were taken out and filled.
    """

    points: Values
    score: Values
    filled: Mask
    jumps: int


def smooth_points(
    times: Values, points: Values, score: Values, smoothing: Smoothing, interval: float | None = None
) -> Paths:
    """Take out isolated jumps, fill short gaps, and filter what lies between longer ones, each stretch alone.

    What is filled has the lower score of the two beside it. A body that is elsewhere at once is taken for another, and
    nothing is filled or filtered over that.

    times: (n,) seconds, growing. points: (n, k, d) pixels, NaN where missing; where there are more than x and y, the
    rest is filtered along. score: (n, k) in (0, 1], of what is not missing. interval: usual seconds from one frame to
    the next; None is that of `times`.
    """
    interval = interval or usual_interval(times)
    size, seen = body_size(points, round(AROUND / interval)), np.isfinite(points[..., 0])
    points = without_jumps(times, points, size, smoothing.max_gap, interval)
    score, filled = score.copy(), np.zeros(score.shape, bool)
    for part in _bodies(points, size):
        points[part], filled[part], before, after = fill_gaps(times[part], points[part], smoothing.max_gap, interval)
        lower = np.minimum(*(np.take_along_axis(score[part], beside, 0) for beside in (before, after)))
        score[part] = np.where(filled[part], lower, score[part])
        if smoothing.cutoff:
            points[part] = _filtered(times[part], points[part], score[part], size[part], smoothing, interval)
    return Paths(points, score, filled, int((filled & seen).sum()))


def _filtered(
    times: Values, points: Values, score: Values, size: Values, smoothing: Smoothing, interval: float
) -> Values:
    assert smoothing.cutoff is not None
    unit, filtered = float(np.median(size)), points.copy()
    for frames, which in stretches(times, np.isfinite(points[..., 0]), max(smoothing.max_gap, STEPS * interval)):
        path, weight = points[frames][:, which] / unit, score[frames][:, which]
        path = smooth_path(times[frames], path, weight, 1 / interval, smoothing.method, smoothing.cutoff)
        filtered[frames, which] = path * unit
    return filtered


def usual_interval(times: Values) -> float:
    """Seconds from one frame to the next, the median; of ten, since times may be whole milliseconds."""
    lag = min(SPAN, len(times) - 1)
    return float(np.median(times[lag:] - times[:-lag])) / lag if lag else 1.0


def either(values: Values, others: Floats) -> Floats:
    """The values, and others where there are none."""
    return np.where(np.isfinite(values), values, others).astype(np.float32)


def body_size(points: Values, around: int) -> Values:
    """(n,): the root of the area of the person in every frame, the median of `around` frames; 1 pixel at least."""
    seen = np.flatnonzero(np.isfinite(points[..., 0]).sum(axis=1) > 1)
    if not len(seen):
        return np.ones(len(points))
    extent = np.nanmax(points[seen, :, :2], axis=1) - np.nanmin(points[seen, :, :2], axis=1)
    size = median_filter(np.sqrt(extent.prod(axis=1) * OF_EXTENT), around // 2 * 2 + 1, mode="nearest")
    return np.maximum(1.0, np.interp(np.arange(len(points)), seen, size))


def _bodies(points: Values, size: Values) -> list[slice]:
    """The frames from one leap of the whole body to the next."""
    seen = np.flatnonzero(np.isfinite(points[..., 0]).any(axis=1))
    way = np.linalg.norm(np.diff(points[seen, :, :2], axis=0), axis=-1)
    both = np.isfinite(way).any(axis=1)
    far = np.zeros(len(way), bool)
    far[both] = np.nanmedian(way[both], axis=1) > LEAP * size[seen[1:]][both]
    bounds = [0, *(seen[1:][far]).tolist(), len(points)]
    return [slice(first, end) for first, end in pairwise(bounds)]
