"""Where people are: the pose detector, its anchors, and the suppression of doubles."""

import os
from dataclasses import dataclass

import cv2
import numpy as np

from posecore.models.blazepose.roi import UPRIGHT, Float, Roi, cut
from posecore.models.network import Network, Recipe, sigmoid
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image

SIDE = 224
STRIDES = (8, 16, 32, 32, 32)  # of the layers; each has two anchors per cell
OVERLAP = 0.5  # IoU above which two boxes are one person


@dataclass(frozen=True, eq=False)
class Detection:
    """A person.

    score: in [0, 1].
    points: (4, 2) in widths and heights of the picture: middle of the hips, size and turn of the whole body, and the
        same of the upper pose.
    roi: the square around the whole pose.
    """

    score: float
    points: Floats
    roi: Roi


class Detector:
    """The pose detector of a `.task` bundle.

    min_score: weaker detections are dropped.
    """

    def __init__(
        self,
        bundle: str | os.PathLike[str],
        min_score: float = 0.5,
        threads: int = 1,
        streams: int = 1,
        device: str = DEFAULTS.device,
    ) -> None:
        recipe = Recipe(("Identity", "Identity_1"), mean=127.5, scale=127.5)
        self.min_score = min_score
        self._network = Network(bundle, "pose_detector.tflite", recipe, threads, streams, device)

    def request(self, min_score: float | None = None) -> "DetectorRequest":
        """A detector for the use of one thread; min_score: another one than the detector's."""
        return DetectorRequest(self, self.min_score if min_score is None else min_score)

    def close(self) -> None:
        """See `Network`."""
        self._network.close()


class DetectorRequest:
    """Call it with a picture."""

    def __init__(self, detector: Detector, min_score: float) -> None:
        self._min_score = min_score
        self._run = detector._network.request()

    def __call__(self, image: Image) -> list[Detection]:
        """People in a picture, (height, width, 3) uint8 RGB, the surest first."""
        height, width = image.shape[:2]
        side = Float(max(height, width))
        cut(image, (Float(width / 2), Float(height / 2)), (side, side), UPRIGHT, self._run.picture, cv2.BORDER_CONSTANT)
        values, logits = self._run()
        scores = sigmoid(logits[:, 0])
        likely = np.flatnonzero(scores >= self._min_score)
        boxes = decode(values[likely], ANCHORS[likely])
        people = []
        for score, points in suppress(boxes, scores[likely]):
            points = without_bars(points, width, height)
            people.append(Detection(score, points, Roi.around(points[0], points[1], (width, height), score)))
        return people


def _anchors() -> Floats:
    """Centres of the anchors in [0, 1], (2254, 2): per layer every cell twice for each anchor; equal strides merge."""
    centers = []
    for stride in sorted(set(STRIDES)):
        cells = SIDE // stride
        axis = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(axis, axis)
        centers.append(np.repeat(np.column_stack([x.ravel(), y.ravel()]), 2 * STRIDES.count(stride), axis=0))
    return np.concatenate(centers).astype(np.float32)


ANCHORS = _anchors()


def decode(values: Floats, anchors: Floats) -> Floats:
    """Boxes and points, (n, 6, 2) in [0, 1]: the low corner, the high corner, four points.

    values: (n, 12), centre, size and four points as the network gives them, in pixels from the anchors, (n, 2).
    """
    pairs = values.reshape(-1, 6, 2) / Float(SIDE)
    center, half = pairs[:, 0] + anchors, pairs[:, 1] / 2
    return np.concatenate([(center - half)[:, None], (center + half)[:, None], pairs[:, 2:] + anchors[:, None]], axis=1)


def suppress(boxes: Floats, scores: Floats) -> list[tuple[float, Floats]]:
    """Weighted non-maximum suppression: (score, four points) of each person, the surest first.

    Boxes that overlap the surest of those left are one person, whose points are their mean weighted by score.
    """
    order = np.argsort(-scores, kind="stable")
    people = []
    while len(order):
        same = _iou(boxes[order], boxes[order[0]]) > OVERLAP
        same[0] = True
        group = order[same]
        weights = scores[group][:, None, None]
        points = np.add.accumulate(boxes[group, 2:] * weights)[-1] / np.add.accumulate(weights)[-1]
        people.append((float(scores[order[0]]), points))
        order = order[~same]
    return people


def without_bars(points: Floats, width: int, height: int) -> Floats:
    """Points of the square around a picture, (n, 2) in [0, 1], in widths and heights of the picture."""
    aspect = Float(height) / Float(width)
    bars = np.array([(1 - 1 / aspect) / 2 if aspect > 1 else 0, (1 - aspect) / 2 if aspect < 1 else 0], np.float32)
    return (points - bars) / (1 - (bars + bars))


def _iou(boxes: Floats, box: Floats) -> Floats:
    common = np.minimum(boxes[:, 1], box[1]) - np.maximum(boxes[:, 0], box[0])
    intersection = np.clip(common, 0, None).prod(axis=1)
    area = (boxes[:, 1] - boxes[:, 0]).prod(axis=1) + (box[1] - box[0]).prod()
    return intersection / (area - intersection)
