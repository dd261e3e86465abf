"""What the pose network is shown of a crowd: one person, the others in black.

Where two stand close it would take joints of both for one body, and then look for that body.
"""

from collections.abc import Iterable

import numpy as np

from posecore.pose import Floats, Image

NEAR = 0.25  # of the longer side of somebody's box, around it: who is there would come into the look


def alone(image: Image, box: Floats, others: Iterable[Floats]) -> Image:
    """The picture with others in black, but for what is in somebody's own box; itself where nobody is near.

    image: (height, width, 3) uint8 RGB. box, others: (4,) and (n, 4) x0, y0, x1, y1 in pixels.
    """
    margin = NEAR * float((box[2:] - box[:2]).max())
    near = [other for other in others if (other[:2] < box[2:] + margin).all() and (other[2:] > box[:2] - margin).all()]
    if not near:
        return image
    shown = image.copy()
    for other in near:
        shown[_inside(other, image)] = 0
    own = _inside(box, image)
    shown[own] = image[own]
    return shown


def _inside(box: Floats, image: Image) -> tuple[slice, slice]:
    """The rows and columns of a picture that are in a box."""
    x0, y0, x1, y1 = np.clip(box, 0, np.tile(image.shape[1::-1], 2)).astype(int).tolist()
    return slice(y0, y1), slice(x0, x1)
