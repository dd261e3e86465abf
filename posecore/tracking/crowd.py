"""What the pose network is shown of a crowd: one person, the others in black.

Where two stand close it would take joints of both for one body, and then look for that body.
"""

import numpy as np
from numpy.typing import NDArray

from posecore.pose import Floats, Image

NEAR = 0.25  # of the longer side of somebody's box, around it: who is there would come into the look


def near(boxes: Floats) -> NDArray[np.bool_]:
    """Whether another would come into a look at somebody, (n, n), in the row of whom is looked at; nobody at oneself.

    boxes: (n, 4) x0, y0, x1, y1 in pixels.
    """
    margin = NEAR * (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)[:, None, None]
    below, above = boxes[:, None, 2:] + margin, boxes[:, None, :2] - margin
    beside: NDArray[np.bool_] = ((boxes[:, :2] < below) & (boxes[:, 2:] > above)).all(axis=2)
    np.fill_diagonal(beside, False)
    return beside


def alone(image: Image, box: Floats, others: Floats) -> Image:
    """The picture with others in black, but for what is in somebody's own box; itself where there is nobody else.

    image: (height, width, 3) uint8 RGB. box, others: (4,) and (n, 4) x0, y0, x1, y1 in pixels.
    """
    if not len(others):
        return image
    shown = image.copy()
    for other in others:
        shown[_inside(other, image)] = 0
    own = _inside(box, image)
    shown[own] = image[own]
    return shown


def _inside(box: Floats, image: Image) -> tuple[slice, slice]:
    """The rows and columns of a picture that are in a box."""
    x0, y0, x1, y1 = np.clip(box, 0, np.tile(image.shape[1::-1], 2)).astype(int).tolist()
    return slice(y0, y1), slice(x0, x1)
