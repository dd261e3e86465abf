"""A network of a model file on OpenVINO."""

import hashlib
import io
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from posecore import stderr
from posecore.assets import TFJS_GRAPH, TFJS_WEIGHTS, cache_folder
from posecore.files import keep_newest, replacing, sync, writing
from posecore.models.catalog import not_a_model
from posecore.models.device import find_device, properties_of, state_of
from posecore.models.members import read_members
from posecore.models.openvino_runtime import ov
from posecore.models.tfjs_graph import TfjsGraph
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image
from posecore.temporary import temporary_folder


@dataclass(frozen=True)
class Recipe:
    """What is done to a network before it is compiled.

    outputs: names of those that are wanted, in this order; none is all, as they stand in the file.
    mean, scale: it is given (picture − mean) / scale, one number or one for each channel of the network's.
    planes: "BGR" or "RGB", the network's channels where they stand before rows and columns; "" where they do not.
    integers: whether it is given the picture as it is, as int32.
    size: (height, width) of the picture, for a graph model that takes several; None is its own.
    open_size: (height, width) of the picture, where the file leaves them open.
    """

    outputs: tuple[str, ...] = ()
    mean: float | tuple[float, ...] = 0
    scale: float | tuple[float, ...] = 1
    planes: str = ""
    integers: bool = False
    size: tuple[int, int] | None = None
    open_size: tuple[int, int] | None = None

    def apply(self, model: Any) -> Any:
        """Leave out what only other outputs need, and normalise inside the network: its input becomes uint8."""
        if self.open_size:
            _, channels, *size = model.input().partial_shape
            if _closed(channels, 3) != 3:
                raise ValueError("its input is no picture in planes of three colours")
            model.reshape([1, 3, *map(_closed, size, self.open_size)])
        by_name = {name: output for output in model.outputs for name in output.names}
        wanted = [by_name[name] for name in self.outputs] or model.outputs
        steps = ov.preprocess.PrePostProcessor(ov.Model(wanted, model.get_parameters(), "posecore"))
        steps.input().tensor().set_element_type(ov.Type.u8)
        if self.integers:
            steps.input().preprocess().convert_element_type(ov.Type.i32)
            return steps.build()
        if self.planes:
            steps.input().tensor().set_layout(ov.Layout("NHWC")).set_color_format(ov.preprocess.ColorFormat.RGB)
            steps.input().model().set_layout(ov.Layout("NCHW"))
        process = steps.input().preprocess().convert_element_type(ov.Type.f32)
        if self.planes == "BGR":
            process.convert_color(ov.preprocess.ColorFormat.BGR)
        process.mean(_numbers(self.mean)).scale(_numbers(self.scale))
        return steps.build()


def _numbers(value: float | tuple[float, ...]) -> float | list[float]:
    return list(value) if isinstance(value, tuple) else value


def _closed(dimension: Any, when_open: int) -> int:
    return int(dimension.get_length()) if dimension.is_static else when_open


ONNX = ""  # the member of a file that is a network itself
KEPT_BYTES = 500_000_000  # of compiled networks in the cache
SPARE = 4  # compiled networks that are kept when nobody uses them: those of an estimator
_spare: OrderedDict[tuple[Any, ...], Any] = OrderedDict()


class Network:
    """One network: an RGB picture in, some of its outputs out.

    A closed one is kept for a while, so that the next video with the same model starts at once.

    bundle: path of the file. member: name of the network in it; ONNX where the file is the network.
    threads: how many of the processor's cores one call may use. streams: how many calls may run at the same time.
    device: what computes it, see `posecore.models.find_device`.

    Raises ValueError when the bundle has no such network, and for a device that is not there.
    """

    def __init__(
        self,
        bundle: str | os.PathLike[str],
        member: str,
        recipe: Recipe,
        threads: int = 1,
        streams: int = 1,
        device: str = DEFAULTS.device,
    ) -> None:
        self._device = find_device(device)
        properties = properties_of(self._device, threads, streams)
        self._key = (*_state(bundle), member, recipe, threads, streams, self._device)
        try:
            self._compiled = _spare.pop(self._key, None) or _compile(
                member, *_read(bundle, member), recipe, self._device, properties
            )
            self.height, self.width = map(int, list(self._compiled.input().shape)[1:3])
        except (RuntimeError, KeyError, ValueError) as error:
            raise ValueError(not_a_model(bundle)) from error
        self.side = self.height
        self.outputs = [tuple(_closed(n, -1) for n in output.partial_shape) for output in self._compiled.outputs]

    def request(self) -> "Request":
        """Something that can run the network; one per thread."""
        return Request(self._compiled.create_infer_request(), self.height, self.width, self._device)

    def close(self) -> None:
        """Leave the compiled network to others."""
        _spare[self._key] = self._compiled
        while len(_spare) > SPARE:
            _spare.popitem(last=False)


class Request:
    """A network with its own input, which the caller fills, and its own outputs.

    picture: (height, width, 3) uint8 RGB, the network's input.
    """

    def __init__(self, request: Any, height: int, width: int, device: str) -> None:
        self._request, self._device = request, device
        self.picture: Image = np.zeros((height, width, 3), np.uint8)
        request.set_input_tensor(ov.Tensor(self.picture[None], shared_memory=True))
        self._outputs = [request.get_output_tensor(i) for i in range(len(request.model_outputs))]

    def __call__(self) -> list[Floats]:
        """Run on `picture`; the outputs without the batch axis, valid until the next call."""
        with _able("run the network", self._device):
            self._request.infer()
        return [tensor.data[0] for tensor in self._outputs]


def sigmoid(logits: Floats) -> Floats:
    """Probabilities of logits, which are cut at ±80, where float32 has long arrived at 0 and 1."""
    inverse: Floats = np.exp(-np.clip(logits, -80, 80), dtype=np.float64).astype(np.float32)
    return np.float32(1) / (np.float32(1) + inverse)


def _state(bundle: str | os.PathLike[str]) -> tuple[str, int, int]:
    """Its path, size and time of change, with those of its weights where they lie beside it."""
    if not Path(bundle).is_file():
        raise ValueError(f"{bundle}: no such model file; give one that is there")
    states = [os.stat(path) for path in (bundle, Path(bundle).with_suffix(".bin")) if os.path.isfile(path)]
    return os.path.realpath(bundle), sum(state.st_size for state in states), max(state.st_mtime_ns for state in states)


def _read(bundle: str | os.PathLike[str], member: str) -> tuple[bytes, bytes]:
    """The network, and its weights where they are in a file of their own; a graph model may lie unpacked."""
    if member == TFJS_GRAPH and Path(bundle).suffix == ".json":
        return Path(bundle).read_bytes(), Path(bundle).with_suffix(".bin").read_bytes()
    if member == ONNX:
        return Path(bundle).read_bytes(), b""
    network, *weights = read_members(bundle, [member, TFJS_WEIGHTS] if member == TFJS_GRAPH else [member])
    return network, b"".join(weights)


def _compile(
    member: str, network: bytes, weights: bytes, recipe: Recipe, device: str, properties: dict[str, Any]
) -> Any:
    """Compile a network for a device, or take what an earlier start made by the same recipe and kept, which is quicker.

    Raises RuntimeError, KeyError or ValueError for what is no network, OSError when this machine cannot run it.
    """
    with _able("find a processor", device):
        core = ov.Core()
        key = f"{recipe} {properties} {state_of(device)}"
    kept = cache_folder() / "openvino" / f"{hashlib.sha256(network + weights + key.encode()).hexdigest()[:32]}.blob"
    with suppress(OSError, RuntimeError, ValueError):
        return core.import_model(io.BytesIO(_read_kept(kept)), device, properties)
    content = _graph_def(network, weights, recipe.size) if weights else network
    with temporary_folder() as folder:  # OpenVINO reads most of them from files only
        file = folder / f"network{'.pb' if weights else '.onnx' if member == ONNX else '.tflite'}"
        with writing(folder.parent):
            file.write_bytes(content)
        with stderr.without_logs():  # of its reader for TensorFlow
            model = recipe.apply(core.read_model(file))
        with _able("prepare the network", device):
            compiled = core.compile_model(model, device, properties)
    with suppress(OSError, ValueError, RuntimeError, MemoryError):
        _keep(kept, compiled.export_model().getvalue())
    return compiled


@contextmanager
def _able(what: str, device: str) -> Iterator[None]:
    """Say that it is the machine that cannot do it, not the file."""
    try:
        yield
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        cure = "is there enough memory? try --engine mediapipe" if device == "CPU" else "try --device CPU"
        raise OSError(f"OpenVINO cannot {what} ({reason}); {cure}") from error


def _read_kept(path: Path) -> bytes:
    """What is in a file of `_keep`; ValueError when it is damaged."""
    content = path.read_bytes()
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        raise ValueError(f"{path}: damaged")
    with suppress(OSError):
        os.utime(path)  # used just now
    return content[32:]


def _keep(path: Path, content: bytes) -> None:
    """Keep a compiled network whole, with its hash; what was longest not used gives way, but not to one too large."""
    if len(content) > KEPT_BYTES:
        return
    with replacing(path) as temporary:
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
        sync(temporary)
    keep_newest(path.parent, "*", KEPT_BYTES)


def _graph_def(network: bytes, weights: bytes, size: tuple[int, int] | None) -> bytes:
    graph = TfjsGraph(network, weights)
    if size:
        graph.resize(*size)
    return graph.graph_def()
