"""Draw poses and a label onto a picture, in place."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.options import DEFAULTS
from posecore.pose import Keypoints

Image = NDArray[np.uint8]

# RGB; told apart with any common colour blindness.
LEFT, RIGHT, MIDDLE, LABEL = (255, 140, 0), (0, 170, 255), (235, 235, 235), (255, 255, 255)
SUBPIXEL_BITS = 4  # cv2 draws at 1/16 of a pixel


def side_color(*keypoints: int) -> tuple[int, int, int]:
    """RGB of a keypoint or an edge: that of its side, or of the middle when it is on neither or joins both."""
    sides = {KEYPOINT_NAMES[i].partition("_")[0] for i in keypoints} - {"nose"}
    if len(sides) != 1:
        return MIDDLE
    return LEFT if sides == {"left"} else RIGHT


EDGE_COLORS = tuple(side_color(*edge) for edge in SKELETON)
DOT_COLORS = tuple(side_color(i) for i in range(len(KEYPOINT_NAMES)))


def draw_pose(image: Image, persons: Iterable[Keypoints], min_score: float = DEFAULTS.min_score) -> Image:
    """Draw the skeleton of everyone onto an RGB picture, (height, width, 3) uint8, and return it.

    The keypoints are in pixels of this picture; those with a score below min_score are left out, and so are their
    edges. Lines and dots grow with the picture. An edge has the same colour always: the person's left side is orange,
    the right one blue, what joins the sides is white.
    """
    thickness = line_width(image)
    for person in persons:
        visible = person.score >= min_score
        points = _fixed_point(person, image)
        for (a, b), color in zip(SKELETON, EDGE_COLORS, strict=True):
            if visible[a] and visible[b]:
                cv2.line(image, points[a], points[b], color, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
        radius = round(1.4 * thickness) << SUBPIXEL_BITS
        for i in np.flatnonzero(visible):
            cv2.circle(image, points[i], radius, DOT_COLORS[i], cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)
    return image


def draw_label(image: Image, text: str) -> Image:
    """Write a line of text into the top left corner of an RGB picture, white on a black rim, and return it."""
    height, width = image.shape[:2]
    scale = min(height, width) / 720
    place = round(16 * scale), round(40 * scale)
    for color, thickness in (((0, 0, 0), 6), (LABEL, 2)):
        thickness = max(1, round(thickness * scale))
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, color, thickness, cv2.LINE_AA)
    return image


def line_width(image: Image) -> int:
    """The width of an edge in pixels: 4 in 720p and in proportion."""
    return max(1, round(min(image.shape[:2]) / 180))


def _fixed_point(person: Keypoints, image: Image) -> list[tuple[int, int]]:
    """Keypoints in 1/16 pixel as cv2 counts, from the centre of the first pixel, and near enough for its integers."""
    height, width = image.shape[:2]
    far = 8 * max(height, width)
    xy = np.clip(person.xy - 0.5, -far, far) * (1 << SUBPIXEL_BITS)
    return [(int(x), int(y)) for x, y in np.rint(xy)]
