"""From a region of interest to the landmarks in it: the landmark network and the decoding of its outputs."""

import os
from dataclasses import dataclass

import numpy as np

from posecore.models.blazepose.roi import Float, Roi
from posecore.models.network import Network, Recipe, sigmoid
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image

SIDE = 256
POINTS = 39  # of the network
LANDMARKS = 33
USED = 35  # 33 landmarks and 2 alignment points; nobody reads the last 4
CENTER, SCALE = 33, 34  # the alignment points
KERNEL_ROWS, KERNEL_COLUMNS = np.indices((7, 7)).reshape(2, -1) - 3  # cells of the heatmap around a landmark, (49,)
MIN_HEAT = 0.5  # a landmark is refined where the heatmap is as sure as this


@dataclass(frozen=True, eq=False)
class RoiPose:
    """What the landmark network says of a roi.

    roi: where it looked.
    confidence: that there is a person, in [0, 1].
    xyz: (35, 3), x and z in widths, y in heights of the picture.
    visibility, presence: (35,) in [0, 1].
    next_roi: where to look in the next frame.
    world: (33, 3) metres from the middle of the hips, along the axes of the picture; None when it was not asked for.
    """

    roi: Roi
    confidence: float
    xyz: Floats
    visibility: Floats
    presence: Floats
    next_roi: Roi
    world: Floats | None = None


class LandmarkNetwork:
    """The landmark network of a `.task` bundle. world: whether it shall tell of metres too."""

    def __init__(
        self,
        bundle: str | os.PathLike[str],
        threads: int = 1,
        streams: int = 1,
        world: bool = False,
        device: str = DEFAULTS.device,
    ) -> None:
        outputs = ("Identity", "Identity_1", "Identity_3", *(("Identity_4",) if world else ()))  # not the segmentation
        recipe = Recipe(outputs, mean=0, scale=255)
        self._network = Network(bundle, "pose_landmarks_detector.tflite", recipe, threads, streams, device)

    def request(self, exact: bool = True) -> "LandmarkRequest":
        """The network for the use of one thread. exact: see `posecore.models.blazepose.roi.cut`."""
        return LandmarkRequest(self, exact)

    def close(self) -> None:
        """See `Network`."""
        self._network.close()


class LandmarkRequest:
    """Call it with a picture and a roi."""

    def __init__(self, network: LandmarkNetwork, exact: bool) -> None:
        self._run, self._exact = network._network.request(), exact

    def __call__(self, image: Image, roi: Roi) -> RoiPose:
        """The pose in a roi of a picture, (height, width, 3) uint8 RGB."""
        roi.crop(image, self._run.picture, self._exact)
        values, flag, heatmap, *world = self._run()
        points = values.reshape(POINTS, 5)[:USED]
        xy = roi.place(refine(points[:, :2] / Float(SIDE), heatmap[:, :, :USED]))
        xyz = np.column_stack([xy, points[:, 2] / Float(SIDE) * roi.width])
        sure = sigmoid(points[:, 3:])
        following = Roi.around(xy[CENTER], xy[SCALE], (image.shape[1], image.shape[0]))
        metres = roi.turn(world[0].reshape(POINTS, 3)[:LANDMARKS]) if world else None
        return RoiPose(roi, float(flag[0]), xyz, sure[:, 0], sure[:, 1], following, metres)


def refine(xy: Floats, heatmap: Floats) -> Floats:
    """Move points, (n, 2) in [0, 1], to the centre of mass of the heatmap around them.

    heatmap: (cells, cells, n), logits. A point is left where it is when its window of 7 × 7 cells lies outside or is
    nowhere as sure as MIN_HEAT.
    """
    cells = heatmap.shape[0]
    middle = np.trunc(xy * cells).astype(int)
    columns, rows = middle[:, :1] + KERNEL_COLUMNS, middle[:, 1:] + KERNEL_ROWS
    inside = (columns >= 0) & (columns < cells) & (rows >= 0) & (rows < cells)
    window = heatmap[np.clip(rows, 0, cells - 1), np.clip(columns, 0, cells - 1), np.arange(len(xy))[:, None]]
    weight = np.where(inside, sigmoid(window), Float(0))
    terms = np.stack([weight, weight * columns.astype(np.float32), weight * rows.astype(np.float32)])
    mass, x, y = np.add.accumulate(terms, axis=2)[..., -1]  # cell after cell, as MediaPipe adds
    # MediaPipe compares the row with nothing at the low end of the picture: there the window is only cut.
    start_outside = (middle[:, 0] < 0) | (middle[:, 0] >= cells) | (middle[:, 1] < 0)
    sure = (weight.max(axis=1) >= MIN_HEAT) & (mass > 0) & ~start_outside
    moved = np.column_stack([x, y]) / cells / np.where(mass > 0, mass, 1)[:, None]
    return np.where(sure[:, None], moved, xy)
