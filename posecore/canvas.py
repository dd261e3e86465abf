"""A picture to draw on, whether it is kept as RGB or as the planes of YUV; colours are given as RGB."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
RGB = tuple[int, int, int]
Point = tuple[float, float]

SUBPIXEL_BITS = 4  # cv2 draws at 1/16 of a pixel
# Weights of red and blue in luma by matrix number (ITU-T H.273); BT.601 for the others.
LUMA_WEIGHTS = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087)}
BT601 = (0.299, 0.114)


class Canvas:
    """Draws anti-aliased shapes. Coordinates are pixels of the full-size picture, from the corner of the first one.

    width, height: of the full-size picture.
    """

    def __init__(self, planes: Sequence[Image], to_values: Callable[[RGB], Sequence[Any]]) -> None:
        self._planes = planes
        self._to_values = to_values
        self.height, self.width = planes[0].shape[:2]

    @classmethod
    def rgb(cls, image: Image) -> Self:
        """A picture, (height, width, 3) uint8 RGB."""
        return cls([image], lambda color: [color])

    @classmethod
    def yuv(cls, planes: Sequence[Image], matrix: int) -> Self:
        """Three planes, uint8, video range; the last two of full or half size. matrix: its number in ITU-T H.273."""
        return cls(planes, lambda color: yuv_of(color, matrix))

    def line(self, a: Point, b: Point, color: RGB, thickness: float) -> None:
        """A line with round ends."""
        for plane, value, scale in self._layers(color):
            width = max(1, round(thickness * scale))
            cv2.line(plane, _fixed(a, scale), _fixed(b, scale), value, width, cv2.LINE_AA, SUBPIXEL_BITS)

    def dot(self, center: Point, radius: float, color: RGB) -> None:
        """A filled circle."""
        for plane, value, scale in self._layers(color):
            size = round(radius * scale * (1 << SUBPIXEL_BITS))
            cv2.circle(plane, _fixed(center, scale), size, value, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)

    def text(self, text: str, place: Point, size: float, color: RGB, thickness: float) -> None:
        """A line of text; place: start of its base line; size: 1 is letters of about 22 pixels."""
        for plane, value, scale in self._layers(color):
            origin, width = (round(place[0] * scale), round(place[1] * scale)), max(1, round(thickness * scale))
            cv2.putText(plane, text, origin, cv2.FONT_HERSHEY_SIMPLEX, size * scale, value, width, cv2.LINE_AA)

    def _layers(self, color: RGB) -> list[tuple[Image, Any, float]]:
        """Every plane with its value of the colour, and its size in relation to the first."""
        values = self._to_values(color)
        scales = [0.5 if plane.shape[0] < self.height or plane.shape[1] < self.width else 1.0 for plane in self._planes]
        return list(zip(self._planes, values, scales, strict=True))


@cache
def yuv_of(color: RGB, matrix: int) -> tuple[int, int, int]:
    """Y, Cb, Cr in video range (16…235 and 16…240) of an RGB colour, by ITU-T H.273."""
    red, green, blue = (value / 255 for value in color)
    kr, kb = LUMA_WEIGHTS.get(matrix, BT601)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - luma) / (1 - kb) / 2, (red - luma) / (1 - kr) / 2
    return round(16 + 219 * luma), round(128 + 224 * cb), round(128 + 224 * cr)


def _fixed(point: Point, scale: float) -> tuple[int, int]:
    """As cv2 counts: in 1/16 pixel from the centre of the first pixel of the plane."""
    x, y = ((value * scale - 0.5) * (1 << SUBPIXEL_BITS) for value in point)
    return round(x), round(y)
