"""Fixtures: the test data that POSECORE_DATA names, the models and the demo clip."""

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from posecore.assets import fetch

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items):
    """Fast tests first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real COCO images, scoring cases and videos; its README.md is their data card."""
    folder = os.environ.get("POSECORE_DATA")
    if not folder:
        pytest.skip("POSECORE_DATA is not set: no test data")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def videos(data) -> Path:
    folder = data / "videos"
    if not folder.is_dir():
        pytest.skip(f"POSECORE_DATA has no test videos: {folder} is missing")
    return folder


@pytest.fixture(scope="session")
def lite() -> Path:
    return fetch("lite")


@pytest.fixture(scope="session")
def demo() -> Path:
    """230 frames of a man on a roof and a woman who walks by, 1768×994, 30 frames/s, VP9, no sound."""
    return fetch("demo")


@pytest.fixture
def run(tmp_path):
    """Run the command as a user does, from another folder; returns the finished process."""

    def run(*arguments, **options):
        command = [sys.executable, str(ROOT / "run.py"), *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, **options)

    return run


@pytest.fixture(scope="session")
def tiny_video(tmp_path_factory) -> Path:
    """10 frames of 64×48 noise at 25 frames/s without a person, with 0.4 s of a tone as MP3."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.mp4"
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("mp3", rate=44100, layout="mono")
        for _ in range(10):
            picture = rng.integers(0, 255, (48, 64, 3), np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture)))
        tone = np.sin(np.arange(17640) * 2 * np.pi * 440 / 44100).astype(np.float32)[None]
        sound = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
        sound.rate = 44100
        container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path
