"""Rotated squares of a picture: what the networks look at."""

import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

MARGIN = 1.25  # around the circle through the alignment points, as in training


@dataclass(frozen=True)
class Region:
    """A rotated square.

    x, y: its centre in pixels, x to the right, y down.
    side: in pixels.
    rotation: radians, clockwise as seen on the picture; a person stands upright in the square.
    confidence: of the detector that a person is there, None where the square is not from it.
    """

    x: float
    y: float
    side: float
    rotation: float = 0.0
    confidence: float | None = None

    @classmethod
    def around(cls, center: NDArray[np.floating], scale: NDArray[np.floating], confidence: float | None = None) -> Self:
        """From the alignment points, (2,) in pixels: the middle of the hips, and a point on the circle around the body.

        The vector between them points up in the square.
        """
        dx, dy = float(scale[0] - center[0]), float(scale[1] - center[1])
        rotation = math.pi / 2 - math.atan2(-dy, dx)
        rotation -= 2 * math.pi * math.floor((rotation + math.pi) / (2 * math.pi))
        return cls(float(center[0]), float(center[1]), 2 * math.hypot(dx, dy) * MARGIN, rotation, confidence)

    @classmethod
    def around_box(cls, x: float, y: float, width: float, height: float) -> Self:
        """Upright, around a person's box, x and y its low corner in pixels, with the margin of training.

        The networks expect the middle of the hips at the centre and a whole body's scale, so the box should hold the
        whole body.
        """
        return cls(x + width / 2, y + height / 2, max(width, height) * MARGIN)

    def crop(self, image: Picture, out: Picture, border: int) -> None:
        """Fill `out`, (n, n, 3), with the square of the picture; border: cv2.BORDER_CONSTANT (black) or _REPLICATE."""
        n = out.shape[0]
        corners = cv2.boxPoints(((self.x, self.y), (self.side, self.side), math.degrees(self.rotation)))
        target = np.array([[0, n], [0, 0], [n, 0], [n, n]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners, target)
        cv2.warpPerspective(image, matrix, (n, n), out, cv2.INTER_LINEAR, border)

    def place(self, points: Floats) -> Floats:
        """Points of the square, (n, 2) in [0, 1], as pixels of the picture."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        turned = (points - 0.5) @ np.array([[cos, sin], [-sin, cos]], np.float32)
        return turned * np.float32(self.side) + np.array([self.x, self.y], np.float32)

    def overlap(self, other: "Region") -> float:
        """Intersection over union of the two squares, rotation ignored as MediaPipe does."""
        reach = (self.side + other.side) / 2
        width = min(reach - abs(self.x - other.x), self.side, other.side)
        height = min(reach - abs(self.y - other.y), self.side, other.side)
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / (self.side**2 + other.side**2 - width * height)
