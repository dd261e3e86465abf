"""Compiled networks in the cache: bounded, whole or made anew, whoever writes; and what cannot be run."""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack

import numpy as np
import pytest
from waiting import HANGS, running

from posecore.assets import fetch
from posecore.models import BlazePoseLandmarker, network

PICTURE = np.full((64, 64, 3), 90, np.uint8)


@pytest.fixture
def cache(tmp_path, monkeypatch, lite):
    """An empty cache but for the model; networks of before are forgotten."""
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path))
    monkeypatch.setattr(network, "_spare", network._spare.copy())
    network._spare.clear()
    return tmp_path / "openvino"


def look(lite, threads=1):
    network._spare.clear()
    with BlazePoseLandmarker(lite, mode="image", threads=threads) as landmarker:
        return landmarker.detect(PICTURE)


def blobs(cache):
    return sorted(cache.glob("*.blob"))


def test_networks_are_kept_and_taken(cache, lite, monkeypatch):
    look(lite)
    kept = blobs(cache)
    assert len(kept) == 2 and len(os.listdir(cache)) == 2
    monkeypatch.setattr(network.Recipe, "apply", lambda *_: pytest.fail("compiled again"))
    look(lite)
    assert blobs(cache) == kept


@pytest.mark.parametrize(
    "damage", [lambda c: b"", lambda c: c[: len(c) // 2], lambda c: c[:-9] + b"x" * 9, lambda c: c[32:]]
)
def test_damaged_ones_are_made_anew(cache, lite, damage):
    before = look(lite)
    whole = {path: path.read_bytes() for path in blobs(cache)}
    for path, content in whole.items():
        path.write_bytes(damage(content))
    assert look(lite) == before
    for path in whole:
        assert network._read_kept(path)


def test_the_cache_is_bounded(cache, lite, monkeypatch):
    """What was used last stays."""
    look(lite)
    first = blobs(cache)
    size = sum(path.stat().st_size for path in first)
    for path in first:
        os.utime(path, (1, 1))
    monkeypatch.setattr(network, "KEPT_BYTES", 3 * size // 2)
    look(lite, threads=2)
    left = blobs(cache)
    assert sum(path.stat().st_size for path in left) <= 3 * size // 2 and len(set(left) - set(first)) == 2


def test_what_is_larger_than_the_cache_is_not_kept_and_drives_nothing_out(cache, lite, monkeypatch):
    look(lite)
    kept = blobs(cache)
    monkeypatch.setattr(network, "KEPT_BYTES", min(path.stat().st_size for path in kept) - 1000)
    look(lite, threads=2)
    assert blobs(cache) == kept


def test_a_cache_that_cannot_be_written_is_no_obstacle(tmp_path, monkeypatch, lite):
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path / "file"))
    look(lite)
    assert os.listdir(tmp_path) == ["file"]


def test_many_processes_may_write_it(cache, lite):
    """And the least room, so that they delete each other's."""
    code = (
        "import sys, numpy; from posecore.models import BlazePoseLandmarker, network\n"
        "network.KEPT_BYTES = int(sys.argv[2])\n"
        "for n in range(4):\n"
        "    network._spare.clear()\n"
        "    with BlazePoseLandmarker(sys.argv[1], mode='image', threads=1 + n % 3) as landmarker:\n"
        "        landmarker.detect(numpy.zeros((64, 64, 3), numpy.uint8))\n"
    )
    look(lite)
    for room in (10**9, max(path.stat().st_size for path in blobs(cache))):
        with ExitStack() as stack:
            line = [sys.executable, "-c", code, lite, room]
            processes = [stack.enter_context(running(line, stderr=subprocess.PIPE)) for _ in range(3)]
            told = [process.communicate(timeout=HANGS)[1] for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0], told
        for path in blobs(cache):
            assert network._read_kept(path)
        assert not [path for path in cache.iterdir() if path.suffix == ".part"]


def raising(error):
    def fail(*_, **__):
        raise error

    return fail


def test_what_the_machine_cannot_do_is_not_the_files_fault(cache, lite, monkeypatch):
    class Core(network.ov.Core):
        compile_model = raising(RuntimeError("Could not allocate\n  memory"))

    monkeypatch.setattr(network.ov, "Core", Core)
    with pytest.raises(
        OSError, match=r"OpenVINO cannot prepare the network \(Could not allocate memory\); is there en"
    ):
        look(lite)
    Core.get_property = raising(RuntimeError("no plugin"))
    with pytest.raises(OSError, match=r"OpenVINO cannot find a processor \(no plugin\); .*--engine mediapipe"):
        look(lite)


def test_what_fails_on_a_picture():
    request = object.__new__(network.Request)
    request._device = "CPU"
    request._request = type("Broken", (), {"infer": raising(RuntimeError("bad_alloc"))})
    with pytest.raises(OSError, match=r"OpenVINO cannot run the network \(bad_alloc\)"):
        request()


def test_a_temporary_folder_that_is_full(cache, lite, monkeypatch):
    monkeypatch.setattr(network.Path, "write_bytes", raising(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match=rf"{tempfile.gettempdir()}: cannot be written \(No space left on device\)"):
        look(lite)


def test_a_file_that_is_no_network(cache, tmp_path):
    path = tmp_path / "other.task"
    path.write_bytes(fetch("full").read_bytes()[:100_000])
    with pytest.raises(ValueError, match=r"other\.task: not a PoseLandmarker \.task bundle"):
        look(path)


def test_of_a_cache_that_may_only_be_read_networks_are_taken(cache, lite, monkeypatch):
    before = look(lite)

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(network.os, "utime", refuse)
    monkeypatch.setattr(network.Recipe, "apply", lambda *_: pytest.fail("compiled again"))
    assert look(lite) == before
