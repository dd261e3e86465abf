"""A tflite network of a `.task` bundle on OpenVINO; the only file that imports openvino."""

import os
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.assets import cache_folder

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # or it reports to Google Analytics
import openvino as ov  # noqa: E402

Picture = NDArray[np.uint8]
Output = NDArray[np.float32]


class Network:
    """One network: a square RGB picture in, some of its outputs out.

    bundle: path of the `.task` file. member: name of the network in it.
    outputs: names of the outputs that are wanted; whatever only the others need is not computed.
    mean, scale: the network is given (picture − mean) / scale.
    threads: how many of the processor's cores one call may use. streams: how many calls may run at the same time.

    Raises ValueError when the bundle has no such network.
    """

    def __init__(
        self,
        bundle: str | os.PathLike[str],
        member: str,
        outputs: Sequence[str],
        *,
        mean: float,
        scale: float,
        threads: int = 1,
        streams: int = 1,
    ) -> None:
        core = ov.Core()
        model = _trim(_read(core, bundle, member), outputs)
        self.side = int(model.input().shape[1])
        properties = {
            "INFERENCE_PRECISION_HINT": "f32",  # bf16, the default where the processor has it, moves landmarks
            "INFERENCE_NUM_THREADS": threads * streams,
            "NUM_STREAMS": streams,
            "ENABLE_CPU_PINNING": False,
            **_cache(),
        }
        self._compiled = core.compile_model(_take_bytes(model, mean, scale), "CPU", properties)

    def request(self) -> "Request":
        """Something that can run the network; one per thread."""
        return Request(self._compiled.create_infer_request(), self.side)


class Request:
    """A network with its own input, which the caller fills, and its own outputs.

    picture: (side, side, 3) uint8 RGB, the network's input.
    """

    def __init__(self, request: Any, side: int) -> None:
        self._request = request
        self.picture: Picture = np.zeros((side, side, 3), np.uint8)
        request.set_input_tensor(ov.Tensor(self.picture[None], shared_memory=True))
        self._outputs = [request.get_output_tensor(i) for i in range(len(request.model_outputs))]

    def __call__(self) -> list[Output]:
        """Run on `picture`; the outputs without the batch axis, valid until the next call."""
        self._request.infer()
        return [tensor.data[0] for tensor in self._outputs]


def sigmoid(logits: Output) -> Output:
    """Probabilities of logits, which are cut at ±80, where float32 has long arrived at 0 and 1."""
    return (1 / (1 + np.exp(-np.clip(logits, -80, 80)))).astype(np.float32)


def _read(core: Any, bundle: str | os.PathLike[str], member: str) -> Any:
    """OpenVINO reads tflite from files only."""
    problem = f"{bundle}: not a PoseLandmarker .task bundle, or damaged"
    cure = "fetch one with 'python -m posecore.assets fetch full'"
    try:
        with zipfile.ZipFile(bundle) as archive, tempfile.TemporaryDirectory() as folder:
            return core.read_model(archive.extract(member, folder))
    except FileNotFoundError as error:
        raise ValueError(f"{bundle}: no such model file; give a PoseLandmarker .task bundle") from error
    except (zipfile.BadZipFile, KeyError, EOFError, RuntimeError) as error:
        raise ValueError(f"{problem}; {cure}") from error


def _trim(model: Any, outputs: Sequence[str]) -> Any:
    by_name = {output.get_any_name(): output for output in model.outputs}
    if missing := [name for name in outputs if name not in by_name]:
        raise ValueError(f"the network has no output {missing[0]}")
    return ov.Model([by_name[name] for name in outputs], model.get_parameters(), "posecore")


def _take_bytes(model: Any, mean: float, scale: float) -> Any:
    """Normalise inside the network: the input becomes uint8."""
    steps = ov.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8)
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(mean).scale(scale)
    return steps.build()


def _cache() -> dict[str, str]:
    """Where compiled networks are kept, which makes the next start quicker; nowhere if that cannot be written."""
    folder: Path = cache_folder() / "openvino"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return {}
    return {"CACHE_DIR": str(folder)} if os.access(folder, os.W_OK) else {}
