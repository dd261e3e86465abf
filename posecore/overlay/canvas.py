"""A picture to draw on, whether it is kept as RGB or as the planes of YUV; colours are given as RGB."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from posecore.color import yuv_of
from posecore.pose import Floats, Image

RGB = tuple[int, int, int]
Point = tuple[float, float]

SUBPIXEL_BITS = 4  # cv2 draws at 1/16 of a pixel
FAR = 8  # times the longer side: no further outside is drawn, or cv2's integers would not reach
CELLS = 4  # across a circle that is blurred


class Canvas:
    """Draws anti-aliased shapes. Coordinates are pixels of the full-size picture, from the corner of the first one.

    width, height: of the full-size picture.
    """

    def __init__(self, planes: Sequence[Image], to_values: Callable[[RGB], Sequence[Any]]) -> None:
        self._planes = planes
        self._to_values = to_values
        self.height, self.width = planes[0].shape[:2]
        self._scales = [0.5 if plane.shape[:2] != planes[0].shape[:2] else 1.0 for plane in planes]

    @classmethod
    def rgb(cls, image: Image) -> Self:
        """A picture, (height, width, 3) uint8 RGB."""
        return cls([image], lambda color: [color])

    @classmethod
    def yuv(cls, planes: Sequence[Image], matrix: int) -> Self:
        """Three planes, uint8, video range; the last two of full or half size. matrix: its number in ITU-T H.273."""
        return cls(planes, lambda color: yuv_of(color, matrix))

    def reachable(self, xy: Floats) -> list[Point]:
        """Points, (n, 2), none of them further outside than can be drawn."""
        far = FAR * max(self.height, self.width)
        return [(float(x), float(y)) for x, y in np.clip(xy, -far, far)]

    def fill(self, color: RGB) -> None:
        """All of the picture."""
        for plane, value, _ in self._layers(color):
            plane[...] = value

    def blur(self, center: Point, radius: float) -> None:
        """Leave of a circle the means of CELLS × CELLS squares, which run into one another."""
        for plane, scale in zip(self._planes, self._scales, strict=True):
            x, y, size = center[0] * scale, center[1] * scale, radius * scale
            height, width = plane.shape[:2]
            left, right = (int(np.clip(edge, 0, width)) for edge in (x - size, x + size + 1))
            top, bottom = (int(np.clip(edge, 0, height)) for edge in (y - size, y + size + 1))
            part = plane[top:bottom, left:right]
            if part.size:
                cells = [max(1, round(CELLS * length / (2 * size))) for length in (right - left, bottom - top)]
                means = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
                blurred = cv2.resize(means, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
                ys, xs = np.ogrid[top:bottom, left:right]
                cover = np.clip(size - np.hypot(xs + 0.5 - x, ys + 0.5 - y) + 0.5, 0, 1).astype(np.float32)
                _mix(part, blurred, cover)

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
            mask, (x, y) = _written(text, size * scale, max(1, round(thickness * scale)))
            x, y = round(place[0] * scale) - x, round(place[1] * scale) - y
            part = plane[max(y, 0) : max(y + mask.shape[0], 0), max(x, 0) : max(x + mask.shape[1], 0)]
            cover = mask[max(-y, 0) :, max(-x, 0) :][: part.shape[0], : part.shape[1]]
            _mix(part, value, cover)

    @staticmethod
    def text_size(text: str, size: float) -> Point:
        """(width, height) in pixels that `text` takes, above its base line."""
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        return width, height

    def _layers(self, color: RGB) -> list[tuple[Image, Any, float]]:
        """Every plane with its value of the colour, and its size in relation to the first."""
        return list(zip(self._planes, self._to_values(color), self._scales, strict=True))


def _mix(part: Image, other: Any, cover: Floats) -> None:
    """Put a colour or a picture over a part of a plane. cover: (height, width), how much of it in every pixel."""
    share = cover[..., None] if part.ndim == 3 else cover
    part[...] = part + share * (np.asarray(other, np.float32) - part) + 0.5


@lru_cache(maxsize=256)
def _written(text: str, size: float, thickness: int) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """How much of every pixel a line of text covers, in [0, 1], and where its base line starts in that."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thickness)
    x, y = thickness, height + thickness
    mask = np.zeros((y + below + thickness, x + width + thickness), np.uint8)
    cv2.putText(mask, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 255, thickness, cv2.LINE_AA)
    return (mask / 255).astype(np.float32), (x, y)


def _fixed(point: Point, scale: float) -> tuple[int, int]:
    """As cv2 counts: in 1/16 pixel from the centre of the first pixel of the plane."""
    x, y = point
    return round((x * scale - 0.5) * (1 << SUBPIXEL_BITS)), round((y * scale - 0.5) * (1 << SUBPIXEL_BITS))
