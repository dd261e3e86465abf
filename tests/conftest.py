"""Fixtures: made videos, the models and the demo clip; and the real data that POSECORE_DATA names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from batches import BROKEN, LITE
from browser import chromium, open_page  # noqa: F401
from live_runs import slow  # noqa: F401
from made import Made
from media import cut
from pictures import make_coco
from waiting import HANGS

from posecore.assets import fetch
from posecore.evaluation.dataset import coco_folder

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items):
    """Fast tests first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def real(folder: str, what: str) -> Path:
    """A folder of the real data, or a skip that says how to get it."""
    path = Path(os.environ.get("POSECORE_DATA") or "missing").resolve() / folder
    if not path.is_dir():
        pytest.skip(f"{what} are not in the repository: POSECORE_DATA must name a folder with them in {folder}/")
    return path


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of all real data; its README.md is their data card."""
    return real(".", "real pictures, videos and scoring cases")


@pytest.fixture(scope="session")
def coco() -> Path:
    """COCO val2017, or a part of it: val2017/, annotations/ and single_person.txt; data/README.md is its data card."""
    try:
        return coco_folder(ROOT / "data").resolve()
    except FileNotFoundError as error:
        pytest.skip(f"{error} (about 1 GB)")


@pytest.fixture(scope="session")
def oks_cases() -> Path:
    """Annotations and results whose OKS and AP others have published."""
    return real("oks", "scoring cases with published answers")


@pytest.fixture(scope="session")
def videos() -> Path:
    """Real videos, ordinary and odd."""
    return real("videos", "the real test videos")


@pytest.fixture(scope="session")
def people() -> Path:
    """Clips of several people, and who is who in them."""
    return real("people", "clips of several people")


@pytest.fixture(scope="session")
def made(tmp_path_factory, demo) -> Made:
    """Videos of every kind that are made from the demo clip: `made / "mp3.mp4"`; made.py says what each is."""
    return Made(tmp_path_factory.mktemp("made"), demo)


@pytest.fixture(scope="session")
def lite() -> Path:
    return fetch("lite")


@pytest.fixture(scope="session")
def demo() -> Path:
    """230 frames of a man on a roof and a woman who walks by, 1768×994, 30 frames/s, VP9, no sound."""
    return fetch("demo")


@pytest.fixture(scope="session")
def made_coco(tmp_path_factory, made) -> Path:
    """Ten made pictures and their labels, as COCO val2017 is laid out; pictures.py says what is on them."""
    folder = tmp_path_factory.mktemp("coco")
    make_coco(made.scenes, folder)
    return folder


@pytest.fixture
def run(tmp_path):
    """Run the command as a user does, from another folder; returns the finished process."""

    def run(*arguments, **options):
        command = [sys.executable, str(ROOT / "run.py"), *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS, **options)

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


@pytest.fixture(scope="session")
def clips(tmp_path_factory, demo, made, lite):
    """40 inputs: 37 small clips of people and things, three that are no videos."""
    folder = tmp_path_factory.mktemp("clips")
    (folder / "sub").mkdir()
    whole = folder / "sub" / "whole.mp4"
    cut(demo, whole, 60, 160)
    for number in range(30):
        cut(whole, folder / f"walk{number:02}.mp4", 5 * number, 12)
    for number, name in enumerate(("one_person.mp4", "two_people.mp4", "nobody.mp4")):
        cut(made / name, folder / "sub" / f"other{number}.mp4", 3, 10)
    for name in ("turned_90.mov", "clusters.webm", "one_pixel.mp4"):
        shutil.copy(made / name, folder)
    (folder / "empty.mp4").touch()
    (folder / "sub" / "text.mp4").write_text("no video\n" * 100)
    (folder / "half.mp4").write_bytes(whole.read_bytes()[:9000])
    return folder


@pytest.fixture(scope="session")
def expected(clips, tmp_path_factory):
    """What the single command writes, by name."""
    from posecore.pipeline import process_video

    out, documents = tmp_path_factory.mktemp("single"), {}
    for path in clips.rglob("*.*"):
        name = str(path.relative_to(clips).with_suffix(""))
        if name not in BROKEN:
            process_video(path, None, out / "one.json", LITE)
            documents[name] = (out / "one.json").read_bytes()
    assert len(documents) == 37
    return documents


@pytest.fixture
def few(clips, tmp_path):
    """Three clips and one that is none."""
    folder = tmp_path / "few"
    folder.mkdir()
    for name in ("walk00.mp4", "walk01.mp4", "walk02.mp4", "half.mp4"):
        shutil.copy(clips / name, folder)
    return folder
