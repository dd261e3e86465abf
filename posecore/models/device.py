"""The devices of OpenVINO: which there are, which one is meant, what each is told. It is imported when it is asked."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from posecore.assets import cache_folder
from posecore.files import file_sha256

# f32 by whatever computes: bf16 and f16, the defaults where there is hardware for them, move landmarks.
EXACT = {"INFERENCE_PRECISION_HINT": "f32", "EXECUTION_MODE_HINT": "ACCURACY"}


@cache
def devices() -> dict[str, str]:
    """What OpenVINO finds on this machine: the full name of each by its name, such as CPU, GPU, or of several GPU.1."""
    from posecore.models.openvino_runtime import ov

    core = ov.Core()
    return {name: str(core.get_property(name, "FULL_DEVICE_NAME")) for name in core.available_devices}


def find_device(name: str) -> str:
    """The device that is meant. AUTO is a GPU where there is one, else the CPU, and stays that for all of a run.

    OpenVINO's own AUTO prefers the same, but begins on the CPU and changes over amid a video.

    Raises ValueError when there is none of this name.
    """
    if name == "CPU":
        return name
    there = devices()
    if name == "AUTO":
        return next((found for found in there if found.startswith("GPU")), "CPU")
    if name not in there and f"{name}.0" not in there:
        raise ValueError(f"--device {name}: OpenVINO finds none here; use --device {' or '.join(there)}")
    return name


def device_used(engine: str, name: str) -> str:
    """What computes the networks of an engine: the CPU, or for openvino what `find_device` says."""
    return find_device(name) if engine == "openvino" else "CPU"


def properties_of(device: str, threads: int, streams: int) -> dict[str, Any]:
    """What a network is compiled with for a device; threads and streams are the CPU's."""
    if device != "CPU":
        return EXACT
    return EXACT | {"INFERENCE_NUM_THREADS": threads * streams, "NUM_STREAMS": streams, "ENABLE_CPU_PINNING": False}


def state_of(device: str) -> str:
    """All that may change what a device computes: its full name, its driver and OpenVINO.

    Raises RuntimeError when the device does not answer.
    """
    from posecore.models.openvino_runtime import ov

    core = ov.Core()
    drivers = sorted(name for name in core.get_property(device, "SUPPORTED_PROPERTIES") if "DRIVER_VERSION" in name)
    said = [str(core.get_property(device, name)) for name in ("FULL_DEVICE_NAME", *drivers)]
    return " ".join([device, *said, ov.get_version()])


def check_file(device: str, model: Path) -> Path:
    """Where it is kept how far a device is from the CPU with a model file; another one when anything changes."""
    key = f"{state_of(device)} {file_sha256(model)}"
    return cache_folder() / "devices" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
