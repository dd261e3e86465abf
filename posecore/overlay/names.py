"""Write at the heads of people who they are, but over nobody's face."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from posecore.options import Style
from posecore.overlay.canvas import RGB, Canvas, Point
from posecore.overlay.colors import BLACK, colors_of
from posecore.overlay.faces import FACE
from posecore.pose import Floats, Person

AROUND_FACE = 0.6  # of the width of what is seen of a face, on each side
SIZE = 0.8  # of the text, in that of the label


def draw_names(canvas: Canvas, persons: Sequence[Person], style: Style, names: Mapping[int, str]) -> None:
    """Write at the head of everyone who has an id and is seen what the style wants.

    names: of people by their ids.
    """
    faces = [face for person in persons if (face := face_box(person, style.min_score)) is not None]
    size = SIZE * text_scale(canvas)
    for person in persons:
        if person.track_id is None or not (person.keypoints.score >= style.min_score).any():
            continue
        if text := name_of(person.track_id, person.score, style, names):
            place = name_place(canvas, person, canvas.text_size(text, size), faces)
            write(canvas, text, place, size, colors_of(person, person.track_id, style).text)


def name_of(track_id: int, score: float, style: Style, names: Mapping[int, str]) -> str:
    """The name, or else the id, and the score, of which each may not be wanted."""
    name = names.get(track_id, "") if style.names else ""
    parts = plain(name) or (str(track_id) if style.ids else ""), f"{score:.2f}" if style.person_scores else ""
    return "  ".join(filter(None, parts))


def plain(name: str) -> str:
    """A name in letters that cv2 can write: without accents, and with ? for what is not Latin."""
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return (
        "".join(letter for letter in letters if not unicodedata.combining(letter)).encode("ascii", "replace").decode()
    )


def name_place(canvas: Canvas, person: Person, size: Point, faces: Sequence[Floats]) -> Point:
    """Where the base line of a text of (width, height) pixels begins: above the person, else beside or below it.

    The first of these that is in the picture and over no face, (4,) x0, y0, x1, y1; the first of all if none is.
    """
    width, height = size
    places = list(_places(person, width, height))
    for x, y in places:
        inside = 0 <= x <= canvas.width - width and height <= y <= canvas.height
        if inside and not any(x < x1 and x + width > x0 and y - height < y1 and y > y0 for x0, y0, x1, y1 in faces):
            return x, y
    x, y = places[0]
    return float(np.clip(x, 0, max(0, canvas.width - width))), float(np.clip(y, height, canvas.height))


def _places(person: Person, width: float, height: float) -> Iterator[Point]:
    x0, y0, x1, y1 = map(float, person.box)
    gap = height / 3
    yield (x0 + x1 - width) / 2, y0 - gap
    yield x1 + gap, y0 + height
    yield x0 - width - gap, y0 + height
    yield (x0 + x1 - width) / 2, y1 + height + gap


def face_box(person: Person, min_score: float) -> Floats | None:
    """(4,) around what is seen of a face; None when less than two of its keypoints are."""
    points = person.keypoints.xy[FACE][person.keypoints.score[FACE] >= min_score]
    if len(points) < 2:
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    margin = AROUND_FACE * float((high - low).max())
    return np.concatenate([low - margin, high + margin])


def write(canvas: Canvas, text: str, place: Point, size: float, color: RGB) -> None:
    """A line of text on a black rim; see `Canvas.text`."""
    for ink, thickness in ((BLACK, 6), (color, 2)):
        canvas.text(text, place, size, ink, thickness * size)


def text_scale(canvas: Canvas) -> float:
    """The size of a text that can be read: 1 in 720p and in proportion."""
    return min(canvas.height, canvas.width) / 720
