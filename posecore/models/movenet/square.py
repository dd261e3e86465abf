"""The square of a picture that MoveNet looks at."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.pose import Floats, Image, Keypoints

MIN_SCORE = 0.2  # of a keypoint that says where to look
OF_TORSO, OF_BODY = 1.9, 1.2  # half sides of the square, in the largest distance from its centre
TORSO = [
    KEYPOINT_NAMES.index(f"{side}_{name}") for name in ("shoulder", "hip") for side in ("left", "right")
]  # shoulders, then hips


@dataclass(frozen=True)
class Square:
    """x, y: the upper left corner; side: all in pixels of the picture, which it may leave."""

    x: float
    y: float
    side: float

    @classmethod
    def around_all(cls, width: int, height: int) -> Self:
        """The smallest that holds a picture of width × height pixels, with bars on two sides."""
        side = max(width, height)
        return cls((width - side) / 2, (height - side) / 2, side)

    @classmethod
    def around_box(cls, box: Floats, factor: float = 1.0) -> Self:
        """On the longer side of a box, x0, y0, x1, y1 in pixels, made `factor` times as large about its centre."""
        side = float(max(box[2] - box[0], box[3] - box[1])) * factor
        return cls(float(box[0] + box[2] - side) / 2, float(box[1] + box[3] - side) / 2, side)

    @classmethod
    def next(cls, found: Keypoints, width: int, height: int) -> Self:
        """Where to look again: around the middle of the hips, as far as torso and body reach; else at all.

        found: in pixels of a picture of width × height pixels.
        """
        body = _body(found)
        if body is None:
            return cls.around_all(width, height)
        x, y, half = body
        half = min(half, max(x, width - x, y, height - y))
        if half > max(width, height) / 2:
            return cls.around_all(width, height)
        return cls(x - half, y - half, 2 * half)

    @classmethod
    def around_body(cls, found: Keypoints) -> Self | None:
        """Where to look again at one of several people; None when neither a shoulder nor a hip tells."""
        body = _body(found)
        return body and cls(body[0] - body[2], body[1] - body[2], 2 * body[2])

    def crop(self, image: Image, out: Image) -> None:
        """Fill `out`, (n, n, 3), with the square of a picture; what lies beyond is black."""
        scale = self.side / out.shape[0]
        matrix = np.array([[scale, 0, self.x + scale / 2 - 0.5], [0, scale, self.y + scale / 2 - 0.5]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpAffine(image, matrix, out.shape[:2], out, how, cv2.BORDER_CONSTANT)

    def place(self, points: Floats) -> Floats:
        """Points of the square, (n, 2) in [0, 1], in pixels of the picture."""
        return (points * self.side + np.array([self.x, self.y])).astype(np.float32)


def _body(found: Keypoints) -> tuple[float, float, float] | None:
    """The middle of the hips, and how far the body reaches from there.

    None unless a shoulder and a hip are sure, and where all that is sure is one point.
    """
    sure = found.score > MIN_SCORE
    if not sure[TORSO[:2]].any() or not sure[TORSO[2:]].any():
        return None
    x, y = map(float, found.xy[TORSO[2:]].mean(axis=0))
    reach = np.abs(found.xy - (x, y)).max(axis=1)
    half = max(OF_TORSO * reach[TORSO].max(), OF_BODY * reach[found.score >= MIN_SCORE].max())
    return (x, y, float(half)) if half > 0 else None
