"""Calmer landmarks in a video: a low pass of the visibility and One-Euro filters of the coordinates."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

VISIBILITY_ALPHA = 0.1
MIN_CUTOFF, BETA, DERIVATIVE_CUTOFF = 0.05, 80.0, 1.0  # Hz, –, Hz
FIRST_FREQUENCY = 30.0  # Hz, before a second timestamp is known
MIN_SCALE = 1e-6  # pixels; smaller objects are not filtered


class LowPass:
    """Exponential smoothing of an array: alpha · new + (1 − alpha) · old."""

    def __init__(self) -> None:
        self.raw: Floats | None = None
        self._smooth: Floats | None = None

    def __call__(self, value: Floats, alpha: Floats | float) -> Floats:
        """The smoothed value; the first one as it is. alpha: in (0, 1], one or one per element."""
        self._smooth = value if self._smooth is None else alpha * value + (1 - alpha) * self._smooth
        self.raw = value
        return self._smooth


class OneEuro:
    """Filters coordinates the less the faster they move (Casiez, Roussel, Vogel: 1 € Filter, CHI 2012).

    Speed is measured in sizes of the object per second, so that near and far people are smoothed alike.
    """

    def __init__(self) -> None:
        self._value, self._speed = LowPass(), LowPass()
        self._last_ms: int | None = None
        self._frequency = FIRST_FREQUENCY

    def __call__(self, value: Floats, timestamp_ms: int, object_scale: float) -> Floats:
        """The smoothed coordinates, in pixels as given; object_scale: size of the object in pixels."""
        if object_scale < MIN_SCALE:
            return value
        if self._last_ms is not None:
            self._frequency = 1000 / (timestamp_ms - self._last_ms)
        self._last_ms = timestamp_ms
        last = self._value.raw
        speed = np.zeros_like(value) if last is None else (value - last) / object_scale * self._frequency
        speed = self._speed(speed, self._alpha(DERIVATIVE_CUTOFF))
        return self._value(value, self._alpha(MIN_CUTOFF + BETA * np.abs(speed)))

    def _alpha(self, cutoff: Floats | float) -> Floats | float:
        return 1 / (1 + self._frequency / (2 * math.pi * cutoff))


class Smoother:
    """The filters of one person in one video."""

    def __init__(self) -> None:
        self._visibility, self._coordinates = LowPass(), OneEuro()

    def __call__(
        self, xyz: Floats, visibility: Floats, timestamp_ms: int, object_scale: float
    ) -> tuple[Floats, Floats]:
        """Smoothed coordinates and visibility. xyz: (33, 3) in pixels; timestamps grow; see `OneEuro`."""
        return self._coordinates(xyz, timestamp_ms, object_scale), self._visibility(visibility, VISIBILITY_ALPHA)
