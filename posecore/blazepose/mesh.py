"""From a region to the landmarks in it: the landmark network and the decoding of its outputs."""

import os
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from posecore.blazepose.network import Network, Recipe, sigmoid
from posecore.blazepose.region import Region

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIDE = 256
POINTS = 39  # of the network
USED = 35  # 33 landmarks and 2 alignment points; nobody reads the last 4
CENTER, SCALE = 33, 34  # the alignment points
KERNEL = np.arange(-3, 4)  # cells of the heatmap around a landmark
MIN_HEAT = 0.5  # a landmark is refined where the heatmap is as sure as this


@dataclass(frozen=True, eq=False)
class Body:
    """What the landmark network says of a region.

    region: where it looked.
    confidence: that there is a person, in [0, 1].
    xyz: (35, 3), x and y in pixels of the picture, z in the same unit.
    visibility, presence: (35,) in [0, 1].
    """

    region: Region
    confidence: float
    xyz: Floats
    visibility: Floats
    presence: Floats

    @property
    def next_region(self) -> Region:
        """Where to look in the next frame."""
        return Region.around(self.xyz[CENTER, :2], self.xyz[SCALE, :2])


class LandmarkNetwork:
    """The landmark network of a `.task` bundle."""

    def __init__(self, bundle: str | os.PathLike[str], threads: int = 1, streams: int = 1) -> None:
        # Not the segmentation, nor the world landmarks.
        recipe = Recipe(("Identity", "Identity_1", "Identity_3"), mean=0, scale=255)
        self._network = Network(bundle, "pose_landmarks_detector.tflite", recipe, threads, streams)

    def request(self) -> "LandmarkRequest":
        """The network for the use of one thread."""
        return LandmarkRequest(self)

    def close(self) -> None:
        """See `Network`."""
        self._network.close()


class LandmarkRequest:
    """Call it with a picture and a region."""

    def __init__(self, network: LandmarkNetwork) -> None:
        self._run = network._network.request()

    def __call__(self, image: Picture, region: Region) -> Body:
        """The body in a region of a picture, (height, width, 3) uint8 RGB."""
        region.crop(image, self._run.picture, cv2.BORDER_REPLICATE)
        values, flag, heatmap = self._run()
        points = values.reshape(POINTS, 5)[:USED]
        xy = refine(points[:, :2] / np.float32(SIDE), heatmap[:, :, :USED])
        z = points[:, 2] * np.float32(region.side / SIDE)
        sure = sigmoid(points[:, 3:])
        return Body(region, float(flag[0]), np.column_stack([region.place(xy), z]), sure[:, 0], sure[:, 1])


def refine(xy: Floats, heatmap: Floats) -> Floats:
    """Move points, (n, 2) in [0, 1], to the centre of mass of the heatmap around them.

    heatmap: (cells, cells, n), logits. A point is left where it is when its window of 7 × 7 cells lies outside or is
    nowhere as sure as MIN_HEAT.
    """
    cells, count = heatmap.shape[0], len(xy)
    middle = np.trunc(xy * cells).astype(int)
    columns, rows = middle[:, :1] + KERNEL, middle[:, 1:] + KERNEL
    inside = ((rows >= 0) & (rows < cells))[:, :, None] & ((columns >= 0) & (columns < cells))[:, None, :]
    window = heatmap[
        np.clip(rows, 0, cells - 1)[:, :, None],
        np.clip(columns, 0, cells - 1)[:, None, :],
        np.arange(count)[:, None, None],
    ]
    weight = np.where(inside, sigmoid(window), 0)
    mass = weight.sum(axis=(1, 2))
    x = (weight.sum(axis=1) * columns).sum(axis=1) / cells
    y = (weight.sum(axis=2) * rows).sum(axis=1) / cells
    # MediaPipe compares the row with nothing at the low end of the picture: there the window is only cut.
    start_outside = (middle[:, 0] < 0) | (middle[:, 0] >= cells) | (middle[:, 1] < 0)
    sure = (weight.max(axis=(1, 2)) >= MIN_HEAT) & (mass > 0) & ~start_outside
    moved = np.column_stack([x, y]) / np.where(mass > 0, mass, 1)[:, None]
    return np.where(sure[:, None], moved, xy).astype(np.float32)
