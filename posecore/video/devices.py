"""The cameras of this machine: how FFmpeg opens them, and their names."""

import sys
from dataclasses import dataclass
from pathlib import Path

import av

# By the beginning of sys.platform: FFmpeg's device, and what it must be told. Apple's cameras refuse the rate that
# FFmpeg asks for by itself.
DEVICES: dict[str, tuple[str, dict[str, str]]] = {
    "linux": ("v4l2", {}),
    "darwin": ("avfoundation", {"framerate": "30"}),
    "win32": ("dshow", {"rtbufsize": "64M"}),
}
SYSFS = Path("/sys/class/video4linux")


@dataclass(frozen=True)
class Camera:
    """number: by which it is asked for. name: its maker's. address: for FFmpeg."""

    number: int
    name: str
    address: str


def device_format() -> tuple[str, dict[str, str]]:
    """FFmpeg's device for cameras on this system, and its options.

    Raises ValueError where there is none.
    """
    found = next((device for system, device in DEVICES.items() if sys.platform.startswith(system)), None)
    if found is None:
        raise ValueError(f"--camera: cameras of {sys.platform} cannot be opened here; give a stream with --url")
    return found


def list_cameras() -> list[Camera]:
    """Every camera, by its number.

    Raises ValueError where cameras cannot be opened at all.
    """
    device, _ = device_format()
    if device == "v4l2":
        return _by_sysfs(SYSFS)
    found = [each for each in av.enumerate_input_devices(device) if "video" in each.media_types]
    if device == "avfoundation":
        return [Camera(n, each.description, f"{each.name}:none") for n, each in enumerate(found)]
    return [Camera(n, each.description, f"video={each.name}") for n, each in enumerate(found)]


def find_camera(wanted: str) -> Camera:
    """A camera by its number, its name, or on Linux its path.

    Raises ValueError when it is not there.
    """
    cameras = list_cameras()
    for camera in cameras:
        if wanted in (str(camera.number), camera.address) or wanted.lower() == camera.name.lower():
            return camera
    there = ", ".join(f"{camera.number} ({camera.name})" for camera in cameras) or "none"
    raise ValueError(f"camera {wanted}: is not there; there {'is' if len(cameras) < 2 else 'are'}: {there}")


def _by_sysfs(folder: Path) -> list[Camera]:
    """Those of Linux; a camera's further nodes, which give no pictures, are left out."""
    cameras = []
    for node in folder.glob("video*") if folder.is_dir() else ():
        number = node.name.removeprefix("video")
        if number.isdecimal() and _text(node / "index") in ("", "0"):
            cameras.append(Camera(int(number), _text(node / "name") or node.name, f"/dev/{node.name}"))
    return sorted(cameras, key=lambda camera: camera.number)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").strip() if file.is_file() else ""
