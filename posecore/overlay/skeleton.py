"""Draw skeletons and a label onto a picture, in place."""

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

import numpy as np

from posecore.coco import SKELETON
from posecore.options import DEFAULTS
from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import PLAIN, WHITE, Colors, person_colors
from posecore.overlay.names import draw_names, text_scale, write
from posecore.pose import Image, Keypoints, Person

Picture = TypeVar("Picture", Image, Canvas)


def draw_pose(
    picture: Picture,
    persons: Iterable[Person],
    min_score: float = DEFAULTS.min_score,
    *,
    boxes: bool = False,
    scores: bool = False,
) -> Picture:
    """Draw the skeleton of everyone onto an RGB picture, (height, width, 3) uint8, or a Canvas; return it.

    The keypoints are in pixels of this picture; those with a score below min_score are left out, and so are their
    edges. Lines and dots grow with the picture. An edge has the same colour always: the person's left side is orange,
    the right one blue, what joins the sides is white. Who has a track_id has a colour of its own instead, the left side
    in a light shade of it and the right one in a dark one, and the id at the head.

    boxes: whether the box of everyone is drawn too. scores: whether that of the person is written at the head.
    """
    canvas, persons = _canvas(picture), list(persons)
    thickness = line_width(canvas.height, canvas.width)
    for person in persons:
        colors = PLAIN if person.track_id is None else person_colors(person.track_id)
        _draw_skeleton(canvas, person.keypoints, colors, min_score, thickness)
        if boxes:
            x0, y0, x1, y1 = map(float, person.box)
            for start, end in pairwise([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]):
                canvas.line(start, end, colors.middle, max(1, thickness / 2))
    draw_names(canvas, persons, min_score, scores)
    return picture


def _draw_skeleton(canvas: Canvas, keypoints: Keypoints, colors: Colors, min_score: float, thickness: int) -> None:
    visible = keypoints.score >= min_score
    points = _near_enough(keypoints, canvas)
    for a, b in SKELETON:
        if visible[a] and visible[b]:
            canvas.line(points[a], points[b], colors.of(a, b), thickness)
    for i in np.flatnonzero(visible):
        canvas.dot(points[i], round(1.4 * thickness), colors.of(int(i)))


def draw_label(picture: Picture, text: str) -> Picture:
    """Write a line of text into the top left corner, white on a black rim; see `draw_pose`."""
    canvas = _canvas(picture)
    scale = text_scale(canvas)
    write(canvas, text, (16 * scale, 40 * scale), scale, WHITE)
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
