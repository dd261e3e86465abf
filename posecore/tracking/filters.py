"""Filters without lag for the paths of points: at true times, even or not, and each sample with a weight of its own."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import maximum_filter1d, median_filter
from scipy.signal import butter, savgol_filter, sosfiltfilt

from posecore.one_euro import OneEuro

Values = NDArray[np.float64]
Filter = Callable[[Values, float, float], Values]  # values (n, …), evenly sampled; 1/s; cut-off in Hz

ROUNDING = 0.00101  # seconds by which even times may be beside it when they are whole milliseconds
FINER = 2  # samples of the even grid for one of uneven times
PASSES = 3  # in which what weighs less is drawn to the path of the others
CUBIC_PERIODS = 1.064  # where the response of a wide cubic window is 1/√2
SPEED_COEFFICIENT = 10.0  # one-euro: Hz by which the cut-off grows with each size of the person per second


def butterworth(values: Values, rate: float, cutoff: float) -> Values:
    """Order 2 forth and back, which makes order 4 without lag; at the cut-off 1/√2 of an amplitude is left.

    Two passes alone would leave half of it. So each has a higher one: Winter, Biomechanics and Motor Control of Human
    Movement, 4th ed., p. 69; Robertson et al., Research Methods in Biomechanics, 2nd ed., p. 288.
    """
    padding = min(len(values), shortest(rate, cutoff)) - 1
    smooth: Values = sosfiltfilt(_sections(rate, cutoff), values, axis=0, padlen=padding)
    return smooth


@lru_cache
def _sections(rate: float, cutoff: float) -> Values:
    corrected = math.tan(math.pi * cutoff / rate) / (math.sqrt(2) - 1) ** 0.25
    sections: Values = butter(2, math.atan(corrected) * rate / math.pi, fs=rate, output="sos")
    return sections


def savitzky_golay(values: Values, rate: float, cutoff: float) -> Values:
    """Cubic polynomials through as many samples as leave about 1/√2 at the cut-off: those of 1.064 periods of it."""
    half = max(2, round((CUBIC_PERIODS * rate / cutoff - 1) / 2))
    smooth: Values = savgol_filter(values, 2 * half + 1, 3, axis=0)
    return smooth


def median(values: Values, rate: float, cutoff: float) -> Values:
    """The middle one of the samples of a period of the cut-off, of which there are three or more."""
    width = 2 * max(1, round(rate / cutoff / 2)) + 1
    smooth: Values = median_filter(values, (width, *[1] * (values.ndim - 1)), mode="nearest")
    return smooth


def one_euro(values: Values, rate: float, cutoff: float) -> Values:
    """The mean of the filter run forth and run back, so that it does not lag; the cut-off is that at rest.

    There the mean leaves 1 / (1 + (f / c)²) of an amplitude, c being the filter's own cut-off.
    """
    own = cutoff / math.sqrt(math.sqrt(2) - 1)

    def run(samples: Values) -> Values:
        smooth = OneEuro(own, SPEED_COEFFICIENT)
        return np.array([smooth(sample, 1000 * n / rate, 1.0) for n, sample in enumerate(samples, 1)])

    return (run(values) + run(values[::-1])[::-1]) / 2


FILTERS: dict[str, Filter] = {
    "butterworth": butterworth,
    "one-euro": one_euro,
    "savgol": savitzky_golay,
    "median": median,
}


def shortest(rate: float, cutoff: float) -> int:
    """How many samples a filter needs at least: four, and one and a half periods of the cut-off."""
    return math.ceil(1.5 * rate / cutoff) + 4


def smooth_path(times: Values, points: Values, weight: Values, rate: float, method: str, cutoff: float) -> Values:
    """Points without what moves to and fro faster than the cut-off; as they are when that is too short.

    Where times are not even the points are interpolated on a grid that is twice as fine as the rate, filtered there,
    and read at the true times.

    times: (n,) seconds, growing. points: (n, k, d) in sizes of the person. weight: (n, k) in (0, 1]. rate: 1/s, the
    usual one. method: of FILTERS. cutoff: Hz, below half the rate.
    """
    duration = float(times[-1] - times[0])
    if len(times) < 4 or duration * rate + 1 < shortest(rate, cutoff):
        return points
    own_rate = (len(times) - 1) / duration
    beside = np.abs(times - np.linspace(times[0], times[-1], len(times))).max()
    if beside <= ROUNDING and own_rate > 2 * cutoff:
        return _weighted(FILTERS[method], points, weight, own_rate, cutoff)
    grid = np.linspace(times[0], times[-1], math.ceil(FINER * rate * duration) + 1)
    on_grid = PchipInterpolator(times, points)(grid), PchipInterpolator(times, weight)(grid)
    smooth = _weighted(FILTERS[method], *on_grid, (len(grid) - 1) / duration, cutoff)
    at_true_times: Values = PchipInterpolator(grid, smooth)(times)
    return at_true_times


def _weighted(smooth: Filter, points: Values, weight: Values, rate: float, cutoff: float) -> Values:
    """Filtered, with each point drawn to the path of all by what it lacks of the largest weight around it.

    A line stays a line whatever the weights, which dividing filtered products by filtered weights would not give.
    """
    around = maximum_filter1d(weight, 2 * math.ceil(rate / cutoff) + 1, axis=0)
    share = (weight / around)[..., None]
    path = smooth(points, rate, cutoff)
    for _ in range(PASSES if (share < 1).any() else 0):
        path = smooth(share * points + (1 - share) * path, rate, cutoff)
    return path
