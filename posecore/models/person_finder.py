"""Where people are: boxes by NanoDet, which knows nothing of poses.

NanoDet-m (RangiLyu/nanodet, Apache-2.0) as a TensorFlow.js graph model: per cell of three maps the probabilities of
COCO's 80 things, and for each side of the box a distribution over its distance from the cell's centre.
"""

import os
from typing import Self

import cv2
import numpy as np

from posecore.assets import TFJS_GRAPH
from posecore.cores import available_cores
from posecore.models.network import Network, Recipe
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image
from posecore.similarity import iou
from posecore.sizes import scaled_size

EVERY = 8  # frames of a video, from one look to the next
SURE = 0.7  # score of a box in a video: bottles on a belt have 0.68, a person who is clearly seen 0.8
SIDES = (320, 416, 512, 640)  # of the square that it may look at; 416 is the network's own
STRIDES = (8, 16, 32)  # pixels of a cell, by map
PERSON = 0  # among COCO's things
BINS = np.arange(11, dtype=np.float32)  # of a distribution, in strides
OVERLAP = 0.6  # IoU above which two boxes are one person
MEAN, SCALE = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)  # blue, green, red
OUTPUTS = ("Identity:0", "Identity_1:0", "Identity_2:0", "Identity_3:0", "Identity_4:0", "Identity_5:0")


class PersonFinder:
    """Call it with a picture.

    model_path: its file. side: pixels of the square that it looks at, one of SIDES: more finds smaller people.
    threads: cores that one call may use; None is all. device: what computes it.
    video: whether the pictures are frames of a video. Then it leaves out as much of the square as they leave empty, two
    fifths where they are 16:9; for pictures of many shapes one network is enough that way.

    Raises ValueError for another side, and a file that is no NanoDet, which is read at the first frame of a video.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        side: int = 416,
        threads: int | None = None,
        device: str = DEFAULTS.device,
        video: bool = False,
    ) -> None:
        if side not in SIDES:
            raise ValueError(f"side must be one of {', '.join(map(str, SIDES))}, got {side}")
        self._model_path, self._threads, self._device = model_path, threads or available_cores(), device
        self._side, self._video = side, video
        self._network: Network | None = None
        self._size = 0, 0
        if not video:
            self._open((side, side))

    def _open(self, size: tuple[int, int]) -> None:
        """Have a network that looks at (height, width) pixels."""
        self.close()
        recipe = Recipe(OUTPUTS, MEAN, SCALE, planes="BGR", size=size)
        self._network = Network(self._model_path, TFJS_GRAPH, recipe, self._threads, device=self._device)
        self._run, self._size = self._network.request(), size
        self._centers = [_centers(size[0] // stride, size[1] // stride) * stride for stride in STRIDES]

    def __call__(self, image: Image, min_score: float = 0.2) -> tuple[Floats, Floats]:
        """The people in a picture, (height, width, 3) uint8 RGB, the surest first.

        Returns boxes, (n, 4), x0, y0, x1, y1 in pixels of the picture, and their scores, (n,), in [min_score, 1].
        """
        height, width = image.shape[:2]
        scale = self._letterbox(image)
        outputs = self._run()
        boxes, scores = [], []
        for centers, stride, things, sides in zip(self._centers, STRIDES, outputs[:3], outputs[3:], strict=True):
            likely = np.flatnonzero(things[:, PERSON] >= min_score)
            boxes.append(_boxes(centers[likely], sides[likely], stride) / scale)
            scores.append(things[likely, PERSON])
        found, sure = np.concatenate(boxes), np.concatenate(scores)
        found = np.clip(found, 0, np.array([width, height, width, height], np.float32))
        inside = (found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])  # not in the bars
        found, sure = found[inside], sure[inside]
        kept = suppress(found, sure)
        return found[kept], sure[kept]

    def _letterbox(self, image: Image) -> float:
        """Fill the network's input with the picture in the upper left corner; returns how much smaller it became."""
        height, width = image.shape[:2]
        scale = self._side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if self._video and (fitting := (_whole_cells(size[1]), _whole_cells(size[0]))) != self._size:
            self._open(fitting)
        how = cv2.INTER_AREA if scaled_size(width, height, self._side) != (width, height) else cv2.INTER_LINEAR
        self._run.picture[:] = 0
        self._run.picture[: size[1], : size[0]] = cv2.resize(image, size, interpolation=how)
        return scale

    def close(self) -> None:
        """Leave the network to the next one."""
        if self._network:
            self._network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class SparseFinder:
    """A finder for the frames of a video in which nobody is: it looks at the first of them, and then at every EVERY-th.

    Looking at more would cost an empty room more than half of its time again.
    """

    def __init__(self, finder: PersonFinder) -> None:
        self._finder = finder
        self._asked = 0

    def __call__(self, image: Image) -> Floats | None:
        """The box of the surest person in a frame, None for nobody or where it does not look."""
        self._asked += 1
        if self._asked % EVERY != 1:
            return None
        boxes, _ = self._finder(image, SURE)
        return boxes[0] if len(boxes) else None

    def close(self) -> None:
        """Leave the network to the next one."""
        self._finder.close()


def _whole_cells(pixels: int) -> int:
    """The least number of pixels, so many or more, that all maps divide into cells."""
    return -(-pixels // STRIDES[-1]) * STRIDES[-1]


def _centers(rows: int, columns: int) -> Floats:
    """Centres of the cells of a map, (rows · columns, 2) x, y in cells, row by row."""
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.column_stack([x.ravel(), y.ravel()]) + np.float32(0.5)


def _boxes(centers: Floats, sides: Floats, stride: int) -> Floats:
    """(n, 4) in pixels of the square. sides: (n, 44), logits of the distances to the left, top, right and bottom."""
    logits = sides.reshape(-1, 4, len(BINS))
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    distance = (weights * BINS).sum(axis=2) / weights.sum(axis=2) * stride
    return np.concatenate([centers - distance[:, :2], centers + distance[:, 2:]], axis=1)


def suppress(boxes: Floats, scores: Floats, overlap: float = OVERLAP) -> list[int]:
    """Non-maximum suppression: which boxes, (n, 4) x0, y0, x1, y1, stay, the surest first."""
    order, kept = np.argsort(-scores, kind="stable"), []
    while len(order):
        first, order = int(order[0]), order[1:]
        kept.append(first)
        order = order[iou(boxes[order], boxes[first]) <= overlap]
    return kept
