"""The colours of skeletons, RGB; all are told apart with any common colour blindness."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.options import Style
from posecore.overlay.canvas import RGB
from posecore.pose import Floats, Person

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# Okabe, Ito: Color Universal Design, 2008; without black, in an order in which neighbours differ most.
PALETTE = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (240, 228, 66),
    (213, 94, 0),
    (0, 114, 178),
)
# Of scores from 0 to 1: Viridis (van der Walt, Smith, 2015) without its darkest quarter, blue over green to yellow.
SCORES = cv2.applyColorMap(np.arange(64, 256, dtype=np.uint8), cv2.COLORMAP_VIRIDIS)[:, 0, ::-1]
LIGHTER, DARKER = 0.45, 0.4  # how far the shades of the sides go to white and to black


@dataclass(frozen=True)
class Colors:
    """Of one person: its left side, its right side, and what is on neither or joins both; and of what is written."""

    left: RGB
    right: RGB
    middle: RGB
    text: RGB

    def of(self, *keypoints: int) -> RGB:
        """Of a keypoint, or of an edge between two."""
        sides = {KEYPOINT_NAMES[i].partition("_")[0] for i in keypoints} - {"nose"}
        if len(sides) != 1:
            return self.middle
        return self.left if sides == {"left"} else self.right


@dataclass(frozen=True)
class ScoreColors:
    """Of one person: every keypoint has the colour of its score, an edge that of the lower one.

    scores: (17,). middle: of the box, text: of what is written.
    """

    scores: Floats
    middle: RGB
    text: RGB

    def of(self, *keypoints: int) -> RGB:
        """Of a keypoint, or of an edge between two."""
        return score_color(min(float(self.scores[i]) for i in keypoints))


PLAIN = Colors((255, 140, 0), (0, 170, 255), (235, 235, 235), (235, 235, 235))


def colors_of(person: Person, who: int, style: Style) -> Colors | ScoreColors:
    """The colours of somebody: of the person where people have ids, else of the sides, if nothing else is wanted.

    who: the id, or another number that tells people apart.
    """
    color = style.color or ("side" if person.track_id is None else "person")
    if color == "score":
        shade = score_color(float(person.keypoints.score.mean()))
        return ScoreColors(person.keypoints.score, shade, shade)
    return PLAIN if color == "side" else person_colors(abs(who))


@lru_cache(maxsize=len(PALETTE) * 8)
def person_colors(track_id: int) -> Colors:
    """The colours of one of several people: they stay with the id."""
    color = PALETTE[(track_id - 1) % len(PALETTE)]
    left = _mixed(color, WHITE, LIGHTER)
    return Colors(left, _mixed(color, BLACK, DARKER), color, left)


def score_color(score: float) -> RGB:
    """The lighter the higher."""
    red, green, blue = SCORES[round(min(1.0, max(0.0, score)) * (len(SCORES) - 1))].tolist()
    return red, green, blue


def _mixed(color: RGB, other: RGB, share: float) -> RGB:
    red, green, blue = (round(one + (two - one) * share) for one, two in zip(color, other, strict=True))
    return red, green, blue
