"""Draw skeletons and a label onto a picture, in place."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np

from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.options import DEFAULTS
from posecore.overlay.canvas import Canvas
from posecore.pose import Image, Keypoints, Person

Picture = TypeVar("Picture", Image, Canvas)

# RGB; told apart with any common colour blindness.
LEFT, RIGHT, MIDDLE = (255, 140, 0), (0, 170, 255), (235, 235, 235)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def side_color(*keypoints: int) -> tuple[int, int, int]:
    """RGB of a keypoint or an edge: that of its side, or of the middle when it is on neither or joins both."""
    sides = {KEYPOINT_NAMES[i].partition("_")[0] for i in keypoints} - {"nose"}
    if len(sides) != 1:
        return MIDDLE
    return LEFT if sides == {"left"} else RIGHT


EDGE_COLORS = tuple(side_color(*edge) for edge in SKELETON)
DOT_COLORS = tuple(side_color(i) for i in range(len(KEYPOINT_NAMES)))


def draw_pose(picture: Picture, persons: Iterable[Person], min_score: float = DEFAULTS.min_score) -> Picture:
    """Draw the skeleton of everyone onto an RGB picture, (height, width, 3) uint8, or a Canvas; return it.

    The keypoints are in pixels of this picture; those with a score below min_score are left out, and so are their
    edges. Lines and dots grow with the picture. An edge has the same colour always: the person's left side is orange,
    the right one blue, what joins the sides is white.
    """
    canvas = _canvas(picture)
    thickness = line_width(canvas.height, canvas.width)
    for keypoints in (person.keypoints for person in persons):
        visible = keypoints.score >= min_score
        points = _near_enough(keypoints, canvas)
        for (a, b), color in zip(SKELETON, EDGE_COLORS, strict=True):
            if visible[a] and visible[b]:
                canvas.line(points[a], points[b], color, thickness)
        for i in np.flatnonzero(visible):
            canvas.dot(points[i], round(1.4 * thickness), DOT_COLORS[i])
    return picture


def draw_label(picture: Picture, text: str) -> Picture:
    """Write a line of text into the top left corner, white on a black rim; see `draw_pose`."""
    canvas = _canvas(picture)
    scale = min(canvas.height, canvas.width) / 720
    for color, thickness in ((BLACK, 6), (WHITE, 2)):
        canvas.text(text, (16 * scale, 40 * scale), scale, color, thickness * scale)
    return picture


def line_width(height: int, width: int) -> int:
    """The width of an edge in pixels: 4 in 720p and in proportion."""
    return max(1, round(min(height, width) / 180))


def _canvas(picture: Image | Canvas) -> Canvas:
    return picture if isinstance(picture, Canvas) else Canvas.rgb(picture)


def _near_enough(keypoints: Keypoints, canvas: Canvas) -> list[tuple[float, float]]:
    """Keypoints, not further outside than cv2's integers reach."""
    far = 8 * max(canvas.height, canvas.width)
    return [(float(x), float(y)) for x, y in np.clip(keypoints.xy, -far, far)]
