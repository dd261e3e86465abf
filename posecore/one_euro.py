"""The One-Euro filter, which calms the less the faster something moves.

Values are float32 and what is computed from them float64, as in MediaPipe.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

DERIVATIVE_CUTOFF = 1.0  # Hz
FIRST_FREQUENCY = 30.0  # Hz, before a second timestamp is known
MIN_SCALE = 1e-6  # smaller objects are not filtered


class LowPass:
    """Exponential smoothing of an array: alpha · new + (1 − alpha) · old."""

    def __init__(self) -> None:
        self.raw: Floats | None = None
        self._smooth: Floats | None = None

    def __call__(self, value: Floats, alpha: Floats | float) -> Floats:
        """The smoothed value; the first one as it is. alpha: in (0, 1], one or one per element."""
        value, alpha = np.asarray(value, np.float32), np.asarray(alpha, np.float32)
        if self._smooth is None:
            self._smooth = value
        else:
            self._smooth = (alpha * value + (1 - alpha.astype(float)) * self._smooth).astype(np.float32)
        self.raw = value
        return self._smooth


class OneEuro:
    """Filters coordinates the less the faster they move (Casiez, Roussel, Vogel: 1 € Filter, CHI 2012).

    Speed is measured in sizes of the object per second, so that near and far people are smoothed alike.

    min_cutoff: in Hz. beta: by how much the cut-off grows with speed.
    """

    def __init__(self, min_cutoff: float, beta: float) -> None:
        self._min_cutoff, self._beta = min_cutoff, beta
        self._value, self._speed = LowPass(), LowPass()
        self._last_ms: float | None = None
        self._frequency = FIRST_FREQUENCY

    def __call__(self, value: Floats, timestamp_ms: float, object_scale: float) -> Floats:
        """The smoothed coordinates; object_scale: size of the object in the same unit, 1 for none."""
        if object_scale < MIN_SCALE:
            return value
        if self._last_ms:
            self._frequency = 1000 / (timestamp_ms - self._last_ms)
        self._last_ms = timestamp_ms
        last = self._value.raw
        per_size = float(np.float32(1 / object_scale))
        speed = np.zeros_like(value) if last is None else (value.astype(float) - last) * per_size * self._frequency
        speed = self._speed(speed, self._alpha(DERIVATIVE_CUTOFF)).astype(float)
        return self._value(value, self._alpha(self._min_cutoff + self._beta * np.abs(speed)))

    def _alpha(self, cutoff: Floats | float) -> Floats | float:
        return 1 / (1 + self._frequency / (2 * math.pi * cutoff))
