"""What `pip install` gives: the wheel and the sdist run in an environment of their own, far from the clone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from media import cut

from posecore import read_document

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


def run(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the sdist of what git knows of this clone."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    for name in run("git", "ls-files", "posecore", "pyproject.toml", "README.md", "LICENSE", cwd=ROOT).splitlines():
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    build = f"from setuptools import build_meta as b; b.build_wheel({str(folder)!r}); b.build_sdist({str(folder)!r})"
    run(sys.executable, "-m", "venv", folder / "builder")
    python = folder / "builder" / "bin" / "python"
    install(python, "setuptools>=77")
    run(python, "-c", build, cwd=source)
    shutil.rmtree(source)
    return folder


def install(python, *what):
    """By pip, from the registry that this machine reaches; skips where it reaches none."""
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "-q", "-c", ROOT / "requirements.txt"]
    done = subprocess.run([*map(str, command), *map(str, what)], capture_output=True, text=True)
    if "No matching distribution found for" in done.stderr:
        pytest.skip(f"no package registry can be reached: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def installed(request, built, tmp_path_factory):
    """The Python of a new environment with one of the two, all that it needs, and nothing else."""
    folder = tmp_path_factory.mktemp(request.param)
    run(sys.executable, "-m", "venv", folder / "env")
    python = folder / "env" / "bin" / "python"
    (archive,) = built.glob("posecore-*.whl" if request.param == "wheel" else "posecore-*.tar.gz")
    install(python, archive)
    return python


def test_the_command_runs_in_an_empty_folder(installed, demo, lite, tmp_path):
    cut(demo, tmp_path / "walk.mp4", 110, 12)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    posecore = installed.with_name("posecore")
    run(posecore, "run", "walk.mp4", "--model-complexity", 0, "--no-download-model", cwd=tmp_path, env=environment)
    meta, frames = read_document(tmp_path / "walk.pose.json")
    assert meta["frame_count"] == len(frames) == 12 and (tmp_path / "walk.pose.mp4").exists()
    assert "blazepose-lite" in run(posecore, "models", cwd=tmp_path, env=environment)
    where = run(installed, "-c", "import posecore; print(posecore.__file__)", cwd=tmp_path, env=environment)
    assert Path(where.strip()).is_relative_to(installed.parent.parent)


USER_PROGRAM = """
import numpy as np
from posecore import FramePose, Options, VideoReader, draw_pose, open_estimator, process_video, read_document

with VideoReader("video.mp4") as video, open_estimator(complexity=1) as estimator:
    for frame in video:
        persons = estimator(frame)
        reveal_type(frame.timestamp_ms)
        reveal_type(persons)
        for person in persons:
            reveal_type(person.keypoints.xy)
            reveal_type(person.track_id)
        reveal_type(draw_pose(frame.image, persons))
    estimator(np.zeros((4, 4, 3), np.uint8), 0)
summary = process_video("video.mp4", json="out.json", options=Options(max_side=320))
reveal_type(summary.frames)
meta, frames = read_document("out.json")
reveal_type(frames)
"""


def test_a_users_program_is_checked_strictly(installed, tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed: pip install -e .[lint]")
    (tmp_path / "program.py").write_text(USER_PROGRAM)
    told = run(sys.executable, "-m", "mypy", "--strict", "--python-executable", installed, "program.py", cwd=tmp_path)
    revealed = [re.sub(r"\bbuiltins\.|\btyping\.", "", text) for text in re.findall(r'Revealed type is "(.*)"', told)]
    number, persons, xy, track_id, image, count, frames = revealed
    assert (number, count, track_id) == ("int", "int", "int | None")
    assert (persons, frames) == ("list[posecore.pose.Person]", "list[posecore.pose.FramePose]")
    assert "floating[numpy._typing._nbit_base._32Bit]" in xy and "unsignedinteger" in image and "_8Bit" in image
