"""The native graph on MediaPipe's own runtime and C library: what still differs from MediaPipe is the graph itself.

OpenVINO and LiteRT add up the same products in another order, and tracking amplifies that until nobody can tell a
mistake of the graph from rounding. With LiteRT in OpenVINO's place nothing is left to amplify.
"""

import ctypes
import ctypes.util
import math
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from posecore.models.blazepose import detector, landmark_network, roi
from posecore.models.network import Recipe

KERNELS = {
    "xnnpack": OpResolverType.AUTO,  # those of MediaPipe
    "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
}


class LiteRTNetwork:
    """A `posecore.models.network.Network` on LiteRT."""

    def __init__(
        self, bundle: Path, member: str, recipe: Recipe, threads: int, streams: int, device: str, kernels: str
    ) -> None:
        with zipfile.ZipFile(bundle) as archive:
            content = archive.read(member)
        self._recipe = recipe
        self._interpreter = Interpreter(
            model_content=content, num_threads=1, experimental_op_resolver_type=KERNELS[kernels]
        )
        self._interpreter.allocate_tensors()
        (wanted,) = self._interpreter.get_input_details()
        self._input = wanted["index"]
        index = {output["name"]: output["index"] for output in self._interpreter.get_output_details()}
        self._outputs = [index[name] for name in recipe.outputs]
        self.picture = np.zeros(wanted["shape"][1:], np.uint8)

    def request(self) -> "LiteRTNetwork":
        """There is only one."""
        return self

    def __call__(self) -> list[np.ndarray]:
        """Run on `picture`."""
        self._interpreter.set_tensor(self._input, self._normalised()[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(output)[0] for output in self._outputs]

    def _normalised(self) -> np.ndarray:
        """As OpenCV's convertTo: the factor is float32, product and sum are rounded once."""
        factor = float(np.float32(1 / self._recipe.scale))
        return (self.picture * factor - self._recipe.mean / self._recipe.scale).astype(np.float32)

    def close(self) -> None:
        """Nothing is kept."""


@contextmanager
def on_litert(kernels: str = "xnnpack") -> Iterator[None]:
    """Landmarkers that are opened in the block run on LiteRT; kernels: see KERNELS. All use the C library's floats."""

    def network(*arguments: Any) -> LiteRTNetwork:
        return LiteRTNetwork(*arguments, kernels=kernels)

    functions = {
        (detector, "Network"): network,
        (landmark_network, "Network"): network,
        (detector, "sigmoid"): _sigmoid,
        (landmark_network, "sigmoid"): _sigmoid,
        (roi, "math"): SimpleNamespace(pi=math.pi, floor=math.floor, atan2=_atan2, sin=_sin, cos=_cos),
    }
    with ExitStack() as stack:
        for (module, name), function in functions.items():
            stack.enter_context(patch.object(module, name, function))
        yield


def _float_function(name: str, arguments: int) -> Callable[..., float]:
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name)
    function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float] * arguments
    return function


_expf = np.frompyfunc(_float_function("expf", 1), 1, 1)
_atan2f, _sinf, _cosf = _float_function("atan2f", 2), _float_function("sinf", 1), _float_function("cosf", 1)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.float32(1) / (np.float32(1) + _expf(-np.clip(logits, -80, 80)).astype(np.float32))


def _atan2(y: np.float32, x: np.float32) -> float:
    return _atan2f(y, x)


def _sin(angle: float) -> float:
    return _sinf(angle) if isinstance(angle, np.float32) else math.sin(angle)


def _cos(angle: float) -> float:
    return _cosf(angle) if isinstance(angle, np.float32) else math.cos(angle)
