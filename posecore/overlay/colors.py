"""The colours of skeletons, RGB; all are told apart with any common colour blindness."""

from dataclasses import dataclass
from functools import lru_cache

from posecore.coco import KEYPOINT_NAMES
from posecore.overlay.canvas import RGB

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
LIGHTER, DARKER = 0.45, 0.4  # how far the shades of the sides go to white and to black


@dataclass(frozen=True)
class Colors:
    """Of one person: its left side, its right side, and what is on neither or joins both."""

    left: RGB
    right: RGB
    middle: RGB

    def of(self, *keypoints: int) -> RGB:
        """Of a keypoint, or of an edge between two."""
        sides = {KEYPOINT_NAMES[i].partition("_")[0] for i in keypoints} - {"nose"}
        if len(sides) != 1:
            return self.middle
        return self.left if sides == {"left"} else self.right


PLAIN = Colors((255, 140, 0), (0, 170, 255), (235, 235, 235))  # where nobody keeps track


@lru_cache(maxsize=len(PALETTE) * 8)
def person_colors(track_id: int) -> Colors:
    """The colours of somebody who is followed: they stay with the id."""
    color = PALETTE[(track_id - 1) % len(PALETTE)]
    return Colors(_mixed(color, WHITE, LIGHTER), _mixed(color, BLACK, DARKER), color)


def _mixed(color: RGB, other: RGB, share: float) -> RGB:
    red, green, blue = (round(one + (two - one) * share) for one, two in zip(color, other, strict=True))
    return red, green, blue
