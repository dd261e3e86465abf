"""The part of a picture that a top-down network looks at."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from posecore.pose import Floats, Image

PADDING = 1.25  # of a box, in rtmlib and the papers that it follows


@dataclass(frozen=True)
class Crop:
    """x, y: the centre; width, height: all in pixels of the picture, which it may leave."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, box: Floats, aspect: float) -> Self:
        """A box, x0, y0, x1, y1 in pixels, made PADDING times as large, then wider or higher.

        aspect: its width in its height.
        """
        x0, y0, x1, y1 = map(float, box)
        width, height = (x1 - x0) * PADDING, (y1 - y0) * PADDING
        return cls((x0 + x1) / 2, (y0 + y1) / 2, max(width, height * aspect), max(height, width / aspect))

    def cut(self, image: Image, out: Image) -> None:
        """Fill `out`, (height, width, 3), with the crop of a picture; what lies beyond is black."""
        height, width = out.shape[:2]
        matrix = cv2.getAffineTransform(_corners(self.x, self.y, self.width), _corners(width / 2, height / 2, width))
        cv2.warpAffine(image, matrix, (width, height), out, cv2.INTER_LINEAR)

    def place(self, points: Floats) -> Floats:
        """Points of the crop, (n, 2) in [0, 1], in pixels of the picture."""
        size = np.array([self.width, self.height])
        return (points * size + np.array([self.x, self.y]) - size / 2).astype(np.float32)


def _corners(x: float, y: float, width: float) -> Floats:
    """The centre, what lies half a width above it, and what lies as far to the left of that: (3, 2).

    The third is made of the first two as they are rounded, as in rtmlib, or single pixels would differ.
    """
    points = np.array([(x, y), (x, y - width / 2), (x, y - width / 2)], np.float32)
    points[2, 0] -= points[0, 1] - points[1, 1]
    return points
