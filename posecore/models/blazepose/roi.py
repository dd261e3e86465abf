"""Regions of interest: rotated squares of a picture, which is what the networks look at.

Everything is computed in float32 and in the order in which MediaPipe computes it: a square that lies 0.0001 pixels
elsewhere has some other pixels, and its landmarks move by far more than that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from posecore.pose import Floats, Image

Float = np.float32

MARGIN = 1.25  # around the circle through the alignment points, as in training
UPRIGHT = Float(0)


@dataclass(frozen=True)
class Roi:
    """A region of interest: a rotated square (MediaPipe: NormalizedRect).

    x, y: its centre, x to the right, y down; width, height: its side. In widths and heights of the picture.
    rotation: radians, clockwise as seen on the picture; a person stands upright in the square.
    confidence: of the detector that a person is there, None where the square is not from it.
    """

    x: Float
    y: Float
    width: Float
    height: Float
    rotation: Float = UPRIGHT
    confidence: float | None = None

    @classmethod
    def around(cls, center: Floats, scale: Floats, size: tuple[int, int], confidence: float | None = None) -> Self:
        """From the alignment points, (2,) in [0, 1]: the middle of the hips, and a point on the circle around the body.

        The vector between them points up in the square. size: (width, height) of the picture in pixels.
        """
        pixels = np.array(size, np.float32)
        (x, y), (dx, dy) = center * pixels, scale * pixels - center * pixels
        turn = float(Float(math.pi / 2) - Float(math.atan2(-dy, dx)))
        rotation = Float(turn - 2 * math.pi * math.floor((turn + math.pi) / (2 * math.pi)))
        side = 2 * np.sqrt(dx * dx + dy * dy)
        return cls(x / size[0], y / size[1], *_square(side, side, size), rotation, confidence)

    @classmethod
    def around_box(cls, box: Sequence[float], size: tuple[int, int]) -> Self:
        """Upright, around a person's bbox, with the margin of training.

        The networks expect the middle of the hips at the centre and a whole body's scale, so the box should hold the
        whole body. box: x, y, width, height in pixels. size: (width, height) of the picture in pixels.
        """
        x, y, width, height = box
        center = Float(x + width / 2) / size[0], Float(y + height / 2) / size[1]
        return cls(*center, *_square(Float(width), Float(height), size))

    def moved(self, corner: tuple[int, int], size: tuple[int, int], whole: tuple[int, int]) -> "Roi":
        """The same square in widths and heights of the whole picture, of which this one's is a part.

        corner: (x, y) of the part; size: its (width, height); whole: that of the picture; all in pixels.
        """
        return Roi(
            Float((self.x * size[0] + corner[0]) / whole[0]),
            Float((self.y * size[1] + corner[1]) / whole[1]),
            Float(self.width * size[0] / whole[0]),
            Float(self.height * size[1] / whole[1]),
            self.rotation,
            self.confidence,
        )

    def side(self, size: tuple[int, int]) -> Float:
        """In pixels of a picture of `size`, (width, height)."""
        return (self.width * size[0] + self.height * size[1]) / 2

    def crop(self, image: Image, out: Image, exact: bool = True) -> None:
        """Fill `out`, (n, n, 3), with the square of the picture; beyond the border its last pixels are repeated."""
        height, width = image.shape[:2]
        center, size = (self.x * width, self.y * height), (self.width * width, self.height * height)
        cut(image, center, size, self.rotation, out, cv2.BORDER_REPLICATE, exact)

    def place(self, points: Floats) -> Floats:
        """Points of the square, (n, 2) in [0, 1], in widths and heights of the picture."""
        cos, sin = Float(math.cos(self.rotation)), Float(math.sin(self.rotation))
        x, y = points[:, 0] - Float(0.5), points[:, 1] - Float(0.5)
        return np.column_stack([(cos * x - sin * y) * self.width + self.x, (sin * x + cos * y) * self.height + self.y])

    def turn(self, xyz: Floats) -> Floats:
        """Places or directions along the square's axes, (n, 3), along those of the picture."""
        cos, sin = Float(math.cos(self.rotation)), Float(math.sin(self.rotation))
        x, y, z = xyz.T
        return np.column_stack([cos * x - sin * y, sin * x + cos * y, z])

    def overlap(self, other: "Roi") -> float:
        """Intersection over union of the two squares, rotation ignored as MediaPipe does."""
        width = min((self.width + other.width) / 2 - abs(self.x - other.x), self.width, other.width)
        height = min((self.height + other.height) / 2 - abs(self.y - other.y), self.height, other.height)
        if width <= 0 or height <= 0:
            return 0.0
        both = width * height
        return float(both / (self.width * self.height + other.width * other.height - both))


def _square(width: Float, height: Float, size: tuple[int, int]) -> tuple[Float, Float]:
    """The square on the longer side of a box in pixels, with margin, in widths and heights of the picture."""
    side = max(width / size[0] * size[0], height / size[1] * size[1])
    return side / size[0] * Float(MARGIN), side / size[1] * Float(MARGIN)


def cut(
    image: Image,
    center: tuple[Float, Float],
    size: tuple[Float, Float],
    rotation: Float,
    out: Image,
    border: int,
    exact: bool = True,
) -> None:
    """Fill `out`, (n, n, 3), with a rotated rectangle of the picture, given in pixels and radians.

    border: cv2.BORDER_CONSTANT (black) or cv2.BORDER_REPLICATE, for what lies beyond the picture.
    exact: as MediaPipe does it, to the bit; else in half the time, with one pixel in twelve a level or two off.
    """
    n = out.shape[0]
    corners = _corners(center, size, rotation)
    target = np.array([[0, n], [0, 0], [n, 0], [n, n]], np.float32)
    if exact:
        cv2.warpPerspective(image, cv2.getPerspectiveTransform(corners, target), (n, n), out, cv2.INTER_LINEAR, border)
    else:
        cv2.warpAffine(image, cv2.getAffineTransform(corners[:3], target[:3]), (n, n), out, cv2.INTER_LINEAR, border)


def _corners(center: tuple[Float, Float], size: tuple[Float, Float], rotation: Float) -> Floats:
    """(4, 2): low left, high left, high right, low right. Newer `cv2.boxPoints` round otherwise than MediaPipe's."""
    (x, y), (width, height) = center, size
    degrees = Float(float(rotation * Float(180)) / math.pi)
    angle = float(degrees) * math.pi / 180
    a, b = Float(math.sin(angle)) * Float(0.5), Float(math.cos(angle)) * Float(0.5)
    low = x - a * height - b * width, y + b * height - a * width
    high = x + a * height - b * width, y - b * height - a * width
    return np.array([low, high, (2 * x - low[0], 2 * y - low[1]), (2 * x - high[0], 2 * y - high[1])], np.float32)
