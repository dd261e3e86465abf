"""Keypoints from SimCC outputs: for each keypoint how likely every place along x is, and every place along y.

Li et al. 2022, arXiv:2107.03332; RTMPose, Jiang et al. 2023, arXiv:2303.07399.
"""

import numpy as np

from posecore.pose import Floats

SPLIT = 2  # places in a pixel of the network's input


def decode_simcc(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The likeliest place of each keypoint.

    x, y: (k, SPLIT · width) and (k, SPLIT · height) of the network's input.

    Returns places, (k, 2) x, y in [0, 1) of the input, and scores, (k,), the mean of the two highest values.
    """
    places = np.column_stack([x.argmax(axis=1) / x.shape[1], y.argmax(axis=1) / y.shape[1]])
    return places.astype(np.float32), (x.max(axis=1) + y.max(axis=1)) / 2
