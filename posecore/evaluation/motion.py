"""How the paths of keypoints move: how much they tremble, how late they are, how much of the motion is left.

Paths are (n, k, 2), NaN where a keypoint is missing; times are (n,) seconds, growing.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

Values = NDArray[np.float64]

STEP, REACH = 0.002, 0.3  # seconds: what lags are measured to, and the longest


def accelerations(times: Values, xy: Values, size: float) -> Values:
    """(n - 2, k) in sizes of the person per s², of each keypoint at each time between; size: in the unit of `xy`."""
    speed = np.diff(xy, axis=0) / np.diff(times)[:, None, None]
    change = np.diff(speed, axis=0) / ((times[2:] - times[:-2]) / 2)[:, None, None]
    lengths: Values = np.linalg.norm(change, axis=-1) / size
    return lengths


def jitter(times: Values, xy: Values, size: float) -> float:
    """The median acceleration of a keypoint, in sizes of the person per s²; size: in the unit of `xy`."""
    return float(np.nanmedian(accelerations(times, xy, size)))


def lag(times: Values, xy: Values, truth: Values) -> float:
    """Seconds by which a path is behind the true one, to 2 ms: the shift of the truth that is nearest to it.

    Nearest is the least mean squared distance, without what each keypoint is beside the truth on average. truth: the
    shape of `xy`, without NaN.
    """
    reach = min(REACH, (times[-1] - times[0]) / 4)
    inside = (times >= times[0] + reach) & (times <= times[-1] - reach)
    path = PchipInterpolator(times, truth)
    shifts = np.arange(-round(reach / STEP), round(reach / STEP) + 1) * STEP

    def beside(shift: float) -> float:
        error = xy[inside] - path(times[inside] - shift)
        return float(np.nanmean((error - np.nanmean(error, axis=0)) ** 2))

    return float(min(shifts, key=beside))


def kept_speed(times: Values, xy: Values, truth: Values) -> float:
    """The share of the true speed that a path has: the slope of its velocities over the true ones, of all keypoints.

    1 where nothing is lost; trembling does not change it. truth: the shape of `xy`.
    """
    speed, true = (np.diff(path, axis=0) / np.diff(times)[:, None, None] for path in (xy, truth))
    true = np.where(np.isnan(speed), np.nan, true)
    return float(np.nansum(speed * true) / np.nansum(true * true))
