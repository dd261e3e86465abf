"""Draw skeletons and a label onto a picture, in place."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

import numpy as np

from posecore.coco import SKELETON
from posecore.options import DEFAULTS, Style
from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import WHITE, Colors, ScoreColors, colors_of
from posecore.overlay.names import draw_names, text_scale, write
from posecore.pose import Image, Keypoints, Person

Picture = TypeVar("Picture", Image, Canvas)

DOT = 1.4  # radius of a dot, in widths of an edge
NAMELESS: Mapping[int, str] = {}


def draw_pose(
    picture: Picture, persons: Iterable[Person], style: Style = DEFAULTS, names: Mapping[int, str] = NAMELESS
) -> Picture:
    """Draw the skeleton of everyone onto an RGB picture, (height, width, 3) uint8, or a Canvas; return it.

    The keypoints are in pixels of this picture; those with a score below that of the style are left out, and so are
    their edges. Lines and dots grow with the picture. An edge has the same colour always: the person's left side is
    orange, the right one blue, what joins the sides is white. Who has a track_id has a colour of its own instead, the
    left side in a light shade of it and the right one in a dark one, and the id at the head.

    style: what is drawn otherwise; its background and trail need more than one picture shows. names: of people by ids.
    """
    canvas, persons = _canvas(picture), list(persons)
    width = line_width(canvas, style)
    radius = round(DOT * width) if style.radius is None else style.radius
    for place, person in enumerate(persons, 1):
        colors = colors_of(person, place if person.track_id is None else person.track_id, style)
        _draw_skeleton(canvas, person.keypoints, colors, style.min_score, width, radius)
        if style.boxes:
            x0, y0, x1, y1 = map(float, person.box)
            for start, end in pairwise([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]):
                canvas.line(start, end, colors.middle, max(1, width / 2))
    draw_names(canvas, persons, style, names)
    return picture


def _draw_skeleton(
    canvas: Canvas, keypoints: Keypoints, colors: Colors | ScoreColors, min_score: float, width: float, radius: float
) -> None:
    visible = keypoints.score >= min_score
    points = canvas.reachable(keypoints.xy)
    for a, b in SKELETON if width else ():
        if visible[a] and visible[b]:
            canvas.line(points[a], points[b], colors.of(a, b), width)
    for i in np.flatnonzero(visible) if radius else ():
        canvas.dot(points[i], radius, colors.of(int(i)))


def draw_label(picture: Picture, text: str) -> Picture:
    """Write a line of text into the top left corner, white on a black rim; see `draw_pose`."""
    canvas = _canvas(picture)
    scale = text_scale(canvas)
    write(canvas, text, (16 * scale, 40 * scale), scale, WHITE)
    return picture


def line_width(canvas: Canvas, style: Style) -> float:
    """The width of an edge in pixels: 4 in 720p and in proportion, if the style says nothing else."""
    if style.line_width is not None:
        return style.line_width
    return max(1, round(min(canvas.height, canvas.width) / 180))


def _canvas(picture: Image | Canvas) -> Canvas:
    return picture if isinstance(picture, Canvas) else Canvas.rgb(picture)
