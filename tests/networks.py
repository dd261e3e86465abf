"""Top-down networks as ONNX files that are made for a test: of random weights, and one that sees red."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install -e .[test]")
FLOAT = onnx.TensorProto.FLOAT
MEAN, SCALE = np.array((123.675, 116.28, 103.53)), np.array((58.395, 57.12, 57.375))


class Made:
    """An ONNX network in the making; each step gives the name of what comes out."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._nodes, self._values = [], []

    def step(self, kind: str, *inputs: str, **attributes) -> str:
        name = attributes.pop("name", f"{kind}{len(self._nodes)}")
        self._nodes.append(onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def value(self, content, kind=np.float32) -> str:
        name = f"value{len(self._values)}"
        self._values.append(onnx.numpy_helper.from_array(np.asarray(content, kind), name))
        return name

    def random(self, *shape: int) -> str:
        return self.value(self._rng.normal(0, np.prod(shape[1:]) ** -0.5, shape))

    def features(self, halvings: int, channels: int, picture: str = "input") -> str:
        """Convolutions of random weights, each of half the size."""
        found, before = picture, 3
        for n in range(halvings):
            after = channels if n == halvings - 1 else 8
            found = self.step("Conv", found, self.random(after, before, 3, 3), strides=[2, 2], pads=[1] * 4)
            if n < halvings - 1:
                found = self.step("Relu", found)
            before = after
        return found

    def save(self, path: Path, picture, outputs: dict) -> Path:
        """picture, outputs: shapes, in which a text is a dimension that is left open."""
        shapes = [onnx.helper.make_tensor_value_info(name, FLOAT, shape) for name, shape in outputs.items()]
        given = [onnx.helper.make_tensor_value_info("input", FLOAT, picture)]
        graph = onnx.helper.make_graph(self._nodes, "made", given, shapes, self._values)
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, str(path))
        return path


def simcc(path: Path, size=(192, 256), keypoints=17, batch="batch", split=2) -> Path:
    """Of the RTMPose kind; size: width and height of the picture."""
    made, (width, height) = Made(), size
    flat = made.step("Reshape", made.features(4, keypoints), made.value([-1, keypoints, width * height // 256], int))
    shapes = {}
    for name, side in zip(("simcc_x", "simcc_y"), size, strict=True):
        made.step("MatMul", flat, made.random(width * height // 256, split * side), name=name)
        shapes[name] = [batch, keypoints, split * side]
    return made.save(path, [batch, 3, height, width], shapes)


def heatmaps(path: Path, size=(192, 256), keypoints=17, batch="batch", open_size=False, cell=4) -> Path:
    """Of the ViTPose and HRNet kind; the maps are smooth, as those of trained networks are."""
    made, (width, height) = Made(), size
    cells = np.arange(4 * 16 // cell) - (4 * 16 // cell - 1) / 2
    bump = np.exp(-(cells**2) / (2 * (16 / cell) ** 2))
    smooth = made.value(np.tile(np.outer(bump, bump), (keypoints, 1, 1, 1)))
    step = 16 // cell
    pads = [(len(cells) - step) // 2] * 4
    made.step(
        "ConvTranspose", made.features(4, keypoints), smooth,
        name="heatmaps", group=keypoints, strides=[step] * 2, pads=pads,
    )  # fmt: skip
    picture = [batch, 3, "height", "width"] if open_size else [batch, 3, height, width]
    return made.save(path, picture, {"heatmaps": [batch, keypoints, "rows", "columns"]})


# Cells of the 17 keypoints; the box around them, made 1.25 times as large and padded, is of the size of the one before.
SHIFTS = np.array([(x, y) for y in (-20, 0, 20) for x in (-15, -8, 0, 4, 8, 15)][:17])


def red_follower(path: Path) -> Path:
    """Heatmaps of redness, 1 for pure red and 0 for black, white and all else that has no more red than green.

    Keypoint k is SHIFTS[k] cells of 4 pixels from where the red is.
    """
    made = Made()
    red, green = SCALE[0] / 255, SCALE[1] / 255
    weights = np.array([red, -green, 0]).reshape(1, 3, 1, 1)
    bias = (MEAN[0] - MEAN[1]) / 255
    redness = made.step("Relu", made.step("Conv", "input", made.value(weights), made.value([bias])))
    cells = made.step("AveragePool", redness, kernel_shape=[4, 4], strides=[4, 4])
    kernels = np.zeros((17, 1, 41, 41))
    for k, (x, y) in enumerate(SHIFTS):
        kernels[k, 0, 20 - y, 20 - x] = 1
    made.step("Conv", cells, made.value(kernels), pads=[20] * 4, name="heatmaps")
    return made.save(path, ["batch", 3, 256, 192], {"heatmaps": ["batch", 17, 64, 48]})
