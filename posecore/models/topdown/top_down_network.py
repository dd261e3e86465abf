"""A top-down network of an ONNX file: a picture and boxes in, a pose for each box out."""

import os
from collections.abc import Callable, Sequence

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.cores import available_cores
from posecore.models.network import ONNX, Network, Recipe
from posecore.models.topdown.crop import Crop
from posecore.models.topdown.heatmap import decode_heatmaps
from posecore.models.topdown.simcc import SPLIT, decode_simcc
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image, Keypoints

Decode = Callable[..., tuple[Floats, Floats]]

MEAN, SCALE = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # red, green, blue; of ImageNet, in rtmlib and MMPose
RECIPE = Recipe(mean=MEAN, scale=SCALE, planes="RGB", open_size=(256, 192))  # that size is ViTPose's
CELL = 4  # pixels of the network's input in a cell of a heatmap
WANTED = "RTMPose's kind gives simcc_x and simcc_y, ViTPose's and HRNet's a heatmap of a quarter of the size"


class TopDownNetwork:
    """A network of the RTMPose kind (SimCC) or the ViTPose and HRNet kind (heatmaps). It remembers nothing.

    model_path: an ONNX file. threads: cores that one call may use; None is all. device: what computes it.
    kind: which it is, in words, with the size of its input.

    Raises ValueError when the file is neither, or has other keypoints than COCO's 17.
    """

    def __init__(
        self, model_path: str | os.PathLike[str], threads: int | None = None, device: str = DEFAULTS.device
    ) -> None:
        self._path = model_path
        self._network = Network(model_path, ONNX, RECIPE, threads or available_cores(), device=device)
        self._run = self._network.request()
        outputs, self._decode = _kind(model_path, self._network)
        self.kind = f"top-down, {outputs}, {self._network.width}×{self._network.height} pixels"

    def poses(self, image: Image, boxes: Sequence[Floats] | Floats) -> list[Keypoints]:
        """The person in each box of a picture, (height, width, 3) uint8 RGB, in its pixels.

        boxes: (n, 4) x0, y0, x1, y1 in pixels, tight around people; the network sees 1.25 times as much.

        A score is the highest value that the network gives, cut to [0, 1].

        Raises ValueError when the network gives what is no number.
        """
        return [self._pose(image, box) for box in boxes]

    def _pose(self, image: Image, box: Floats) -> Keypoints:
        crop = Crop.around(box, self._network.width / self._network.height)
        crop.cut(image, self._run.picture)
        places, score = self._decode(*(output.astype(np.float32, copy=False) for output in self._run()))
        if not np.isfinite(score).all():
            raise ValueError(f"{self._path}: gives what is no number on a picture; export it anew, in float32")
        return Keypoints(crop.place(places), score.clip(0, 1))

    def close(self) -> None:
        """Leave the network to the next one."""
        self._network.close()


def describe_network(model_path: str | os.PathLike[str], threads: int | None = None) -> str:
    """Which kind of network a file holds, in words. Raises what `TopDownNetwork` raises."""
    network = TopDownNetwork(model_path, threads)
    network.close()
    return network.kind


def _kind(path: str | os.PathLike[str], network: Network) -> tuple[str, Decode]:
    """What the outputs are, in words, and what makes keypoints of them."""
    shapes, height, width = network.outputs, network.height, network.width
    count = shapes[0][1] if len(shapes[0]) > 1 else 0
    known: list[tuple[str, Decode, list[tuple[int, ...]]]] = [
        ("SimCC", decode_simcc, [(1, count, SPLIT * width), (1, count, SPLIT * height)]),
        ("heatmaps", decode_heatmaps, [(1, count, height // CELL, width // CELL)]),
    ]
    for name, decode, expected in known:
        if shapes != expected:
            continue
        if count != len(KEYPOINT_NAMES):
            raise ValueError(f"{path}: finds {count} keypoints; give a network that finds COCO's {len(KEYPOINT_NAMES)}")
        return name, decode
    given = ", ".join("×".join("?" if n < 0 else str(n) for n in shape) for shape in shapes)
    raise ValueError(f"{path}: its outputs ({given}) are no top-down pose network's; give one that is: {WANTED}")
