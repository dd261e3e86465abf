"""What MediaPipe logs is not seen, and what others print meanwhile is; landmarkers do not wait for one another."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from waiting import HANGS

from posecore import stderr
from posecore.models import MediaPipeLandmarker
from posecore.models.blazepose import mediapipe_landmarker
from posecore.models.catalog import not_a_model


def test_nothing_that_others_print_vanishes(capfd, lite):
    """From a thread and from a child process, while landmarkers look for somebody; whole lines and parts of lines.

    What is printed at the moment at which the sieve is taken away may come before what is still in it.
    """
    stop = threading.Event()
    printed = 0

    def chatter():
        nonlocal printed
        while not stop.is_set():
            if printed < 20_000:
                os.write(2, b"line %d\n" % printed)
                printed += 1
            else:
                stop.wait()
        os.write(2, b"no end of line")

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        with MediaPipeLandmarker(lite) as one, MediaPipeLandmarker(lite) as two:
            for n in range(5):
                one.detect(np.zeros((64, 64, 3), np.uint8), n)
                two.detect(np.zeros((64, 64, 3), np.uint8), n)
            with stderr.without_logs():
                subprocess.run([sys.executable, "-c", "import sys; print('child', file=sys.stderr)"], check=True)
    finally:
        stop.set()
        thread.join()
    lines = capfd.readouterr().err.split("\n")
    assert "child" in lines and lines[-1] == "no end of line"
    assert {line for line in lines if line.startswith("line ")} == {f"line {n}" for n in range(printed)}
    assert len(lines) == printed + 2  # and nothing else


def test_landmarkers_do_not_wait_for_one_another(lite):
    """While one is in the middle of a picture another one is opened and looks at one."""
    inside, go_on = threading.Event(), threading.Event()

    def long():
        with stderr.without_logs():
            inside.set()
            assert go_on.wait(HANGS)

    thread = threading.Thread(target=long)
    thread.start()
    try:
        assert inside.wait(HANGS)
        with MediaPipeLandmarker(lite) as landmarker:
            assert landmarker.detect(np.zeros((64, 64, 3), np.uint8), 0) == []
    finally:
        go_on.set()
        thread.join()


def test_closed_for_a_while(capfd, lite):
    """Also while a landmarker keeps its logs off it."""
    with MediaPipeLandmarker(lite) as landmarker, stderr.without_logs():
        with stderr.closed():
            os.write(2, b"lost\n")
            thread = threading.Thread(target=landmarker.detect, args=(np.zeros((64, 64, 3), np.uint8), 0))
            thread.start()
        os.write(2, b"kept\n")
        thread.join()
    assert capfd.readouterr().err == "kept\n"


def test_stderr_is_what_it_was_before(lite):
    before = os.fstat(2)
    with MediaPipeLandmarker(lite) as landmarker:
        landmarker.detect(np.zeros((64, 64, 3), np.uint8), 0)
        assert os.path.samestat(os.fstat(2), before)
    assert os.path.samestat(os.fstat(2), before)


@pytest.mark.parametrize(
    ("reason", "of_the_file"),
    [
        ("The model is not a valid Flatbuffer buffer", True),
        ("CalculatorGraph::Run() failed:\n; RET_CHECK failure (tensors_to_detections_calculator.cc:460)", True),
        ("std::bad_alloc", False),
        ('Service "kGpuService" was not provided', False),
    ],
)
def test_not_everything_that_fails_is_the_files_fault(lite, monkeypatch, reason, of_the_file):
    def fail(options):
        raise RuntimeError(reason)

    monkeypatch.setattr(mediapipe_landmarker.vision.PoseLandmarker, "create_from_options", fail)
    with pytest.raises(ValueError) as failed:
        MediaPipeLandmarker(lite)
    told = str(failed.value)
    assert told.startswith(not_a_model(lite)) == of_the_file and "\n" not in told
    assert reason.split("\n")[0] in told and ("memory" in told) != of_the_file


def test_without_stderr_there_is_nothing_to_keep_from_it(tmp_path):
    """Where it is closed, opened later, and closed again while somebody prints."""
    code = """
import os
from posecore import stderr
os.close(2)
with stderr.closed():
    pass
with stderr.without_logs():
    pass
os.open("told", os.O_WRONLY | os.O_CREAT)
with stderr.without_logs():
    os.write(2, b"heard\\n")
reader, writer = os.pipe()
os.dup2(writer, 2)
os.close(writer)
os.close(reader)
with stderr.without_logs():
    os.write(2, b"nobody reads\\n")
with stderr.without_logs():
    os.write(2, b"nor this\\n")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, timeout=HANGS)
    assert done.returncode == 0 and (tmp_path / "told").read_text() == "heard\n"
