"""The command from outside, as a user runs it."""

import ctypes
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from media import decode, demux
from waiting import HANGS, running, wait_until

import posecore
from posecore.assets import cache_folder
from posecore.formats import read_document
from posecore.options import ENGINES

ROOT = Path(posecore.__file__).parent.parent
LITE = ("--model-complexity", "0")


def one_line(process, status=2) -> str:
    """What a failed run said: one line, no traceback."""
    assert process.returncode == status, process.stderr
    assert process.stdout == "" and process.stderr.count("\n") == 1, process.stderr
    assert "Traceback" not in process.stderr
    return process.stderr.strip()


def test_help_names_every_default(run):
    text = run("--help").stdout
    said = dict(re.findall(r"(--[\w-]+)(?: [A-Z]+)? .*\(default: ([^)]*)\)", text))
    assert "--input" in text and said == {
        "--output": "none", "--json": "none", "--overwrite": "off", "--model": "blazepose-full",
        "--model-complexity": "1", "--model-path": "none", "--no-download-model": "off", "--engine": "openvino",
        "--device": "CPU", "--search": "off", "--coco-correction": "off", "--people": "1",
            "--keep-lost": "1.0",
            "--box": "off", "--person-score": "off", "--max-side": "640", "--threads": "all",
        "--start": "the beginning", "--end": "the end", "--duration": "the rest", "--keep-time": "off",
        "--every": "1", "--max-rate": "all", "--sparse": "off",
        "--landmarks": "off", "--min-score": "0.2", "--no-perf-text": "off", "--keep-metadata": "off",
        "--crf": "23, webm 31", "--preset": "ultrafast", "--color": "person with ids", "--line-width": "by height",
        "--radius": "by line width", "--no-ids": "on", "--names": "off", "--background": "video", "--trail": "off",
    }  # fmt: skip


def test_a_run_says_what_it_did(run, made, lite, tmp_path):
    done = run("--input", made / "turned_90.mov", "--output", "o/out.mp4", "--json", "o/p/out.json", *LITE)
    assert (done.returncode, done.stdout) == (0, "")
    number = r"\d+\.\d"
    assert re.fullmatch(
        rf"run\.py: \S+turned_90\.mov: 3 frames, 100\.0% with a person, {number} frames/s, "
        rf"inference {number} ms median, {number} ms p95 -> o/out\.mp4, o/p/out\.json\n",
        done.stderr,
    )
    assert len(demux(tmp_path / "o/out.mp4")[0].times) == len(read_document(tmp_path / "o/p/out.json")[1]) == 3
    assert sorted(p.name for p in (tmp_path / "o").iterdir()) == ["out.mp4", "p"]


def test_the_demo_clip(run, demo, tmp_path):
    """Two people outdoors: somebody is found in nearly every frame, and drawn where the JSON says."""
    done = run("--input", demo, "--output", "out.mp4", "--json", "out.json", "--no-perf-text", "--no-download-model")
    assert done.returncode == 0, done.stderr
    meta, frames = read_document(tmp_path / "out.json")
    assert (meta["width"], meta["height"], meta["fps"], meta["frame_count"]) == (1768, 994, 30.0, 230)
    assert sum(bool(frame.persons) for frame in frames) > 200
    before, after = decode(demo, 100)[0].astype(int), decode(tmp_path / "out.mp4", 100)[0].astype(int)
    changed = np.abs(after - before).max(axis=2) > 60
    person = frames[100].persons[0].keypoints
    inside = person.xy[person.score >= 0.2].astype(int)
    assert all(changed[y - 2 : y + 3, x - 2 : x + 3].any() for x, y in inside)
    (x0, y0), (x1, y1) = inside.min(axis=0) - 15, inside.max(axis=0) + 15
    outside = changed.copy()
    outside[y0:y1, x0:x1] = False
    assert changed.sum() > 500 and outside.mean() < 0.001


def broken_inputs(tmp_path, made):
    """Each bad input with what the message must say."""
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is no video\n" * 50)
    whole = (made / "one_person.mp4").read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "nothing.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isommp41\0\0\0\x18mdat" + bytes(16))
    shutil.copy(made / "person.jpg", tmp_path / "picture.jpg")
    shutil.copy(made / "sound.mp4", tmp_path / "sound.mp4")
    return {
        "missing.mp4": "No such file",
        "folder.mp4": "is a folder",
        "empty.mp4": "is empty",
        "text.mp4": "is not a video that can be read",
        "half.mp4": "is not a video that can be read",
        "nothing.mp4": "is not a video that can be read",
        "picture.jpg": "is a picture",
        "sound.mp4": "has no video stream",
    }


def test_bad_inputs(run, tmp_path, made):
    (tmp_path / "out.mp4").write_text("old")
    expected = broken_inputs(tmp_path, made)
    before = sorted(tmp_path.iterdir())
    for name, message in expected.items():
        line = one_line(run("--input", name, "--output", "out.mp4", "--json", "new/out.json"))
        assert line.startswith(f"run.py: error: {name}: ") and message in line, line
    assert sorted(tmp_path.iterdir()) == before and (tmp_path / "out.mp4").read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "required: --input"),
        (("--input", "in.mp4"), "nothing to write"),
        (("--input", "in.mp4", "--output", "in.mp4"), "in.mp4: is an input too"),
        (("--input", "in.mp4", "--output", "a.mp4", "--json", "./a.mp4"), "a.mp4: is the output and the JSON"),
        (("--input", "in.mp4", "--output", "a.avi"), "use one of .mp4, .mov, .mkv, .webm"),
        (("--input", "in.mp4", "--json", "folder"), "folder: is not an ordinary file"),
        (("--input", "in.mp4", "--json", "in.mp4/a.json"), "in.mp4/a.json: in.mp4 is not a folder"),
        (
            ("--input", "in.mp4", "--json", "a.json", "--max-side", "-5"),
            "max side must be 0 (off) or more pixels, got -5",
        ),
        (("--input", "in.mp4", "--json", "a.json", "--min-score", "2"), "min score must lie in [0, 1], got 2.0"),
        (("--input", "in.mp4", "--json", "a.json", "--min-score", "nan"), "min score must lie in [0, 1], got nan"),
        (("--input", "in.mp4", "--json", "a.json", "--model-complexity", "3"), "invalid choice"),
        (("--input", "in.mp4", "--json", "a.json", "--model-path", "no.task"), "no.task: no such model file"),
        (
            ("--input", "in.mp4", "--json", "a.json", "--device", "npu"),
            "NPU: OpenVINO finds none here; use --device CPU",
        ),
        (("--input", "in.mp4", "--json", "a.json", "--device", "TPU"), "one of CPU, GPU, NPU, AUTO is wanted, got TPU"),
        (
            ("--input", "in.mp4", "--json", "a.json", "--device", "NPU", "--delegate", "gpu"),
            "--delegate gpu and --device NPU: give one of them",
        ),
    ],
)
def test_bad_usage(run, tmp_path, tiny_video, lite, arguments, message):
    shutil.copy(tiny_video, tmp_path / "in.mp4")
    (tmp_path / "folder").mkdir()
    assert message in one_line(run(*arguments))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "in.mp4"]
    assert (tmp_path / "in.mp4").read_bytes() == tiny_video.read_bytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_bad_models(run, tmp_path, tiny_video, lite, engine):
    content = bytearray(lite.read_bytes())
    content[3_000_000] ^= 255
    (tmp_path / "damaged.task").write_bytes(content)
    with zipfile.ZipFile(lite) as source, zipfile.ZipFile(tmp_path / "swapped.task", "w") as target:
        target.writestr("pose_detector.tflite", source.read("pose_landmarks_detector.tflite"))
        target.writestr("pose_landmarks_detector.tflite", source.read("pose_detector.tflite"))
    for name in ("damaged.task", "swapped.task"):
        files = ("--input", tiny_video, "--json", "a.json", "--output", "a.mp4", "--model-path", name)
        line = one_line(run(*files, "--engine", engine))
        assert f"{name}: not a PoseLandmarker .task bundle, or damaged" in line
    assert sorted(p.name for p in tmp_path.iterdir()) == ["damaged.task", "swapped.task"]


def test_no_download_model(run, tmp_path, tiny_video, lite):
    environment = {**os.environ, "POSECORE_CACHE": str(tmp_path / "cache")}
    arguments = ("--input", tiny_video, "--json", "a.json", "--no-download-model")
    assert "downloads are switched off" in one_line(run(*arguments, env=environment))
    done = run(*arguments, "--model-path", lite, *LITE, env=environment)
    assert done.returncode == 0
    assert "note: --model-complexity is ignored" in done.stderr.splitlines()[0]


def without_root_powers():
    """Root reads and writes every file; drop that from what the next program may have."""
    drop, dac_override, dac_read_search = 24, 1, 2
    for capability in (dac_override, dac_read_search):
        ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="drops Linux capabilities")
def test_files_without_permission(run, tmp_path, tiny_video, lite):
    shutil.copy(tiny_video, tmp_path / "secret.mp4")
    (tmp_path / "secret.mp4").chmod(0)
    (tmp_path / "locked").mkdir(mode=0o555)
    options = {"preexec_fn": without_root_powers}
    line = one_line(run("--input", "secret.mp4", "--json", "a.json", *LITE, **options))
    assert "secret.mp4: Permission denied; check its permissions" in line
    for arguments in (("--json", "locked/a.json"), ("--output", "locked/a.mp4"), ("--json", "locked/new/a.json")):
        line = one_line(run("--input", tiny_video, *arguments, *LITE, **options))
        assert f"{arguments[1]}: cannot be written (Permission denied)" in line
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["locked", "secret.mp4"]


@pytest.mark.parametrize("arguments", [("--json", "out.json"), ("--output", "out.mp4"), ("--output", "out.webm")])
def test_a_full_disk(run, tmp_path, demo, lite, arguments):
    """Files may grow to 40 kB here, which the output passes at some time; what was there stays."""
    (tmp_path / arguments[1]).write_text("old")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    line = one_line(run("--input", demo, *arguments, *LITE, preexec_fn=limit))
    assert f"{arguments[1]}: cannot be written (File too large); choose another place or make room" in line
    assert [p.name for p in tmp_path.iterdir()] == [arguments[1]]
    assert (tmp_path / arguments[1]).read_text() == "old"


@pytest.mark.parametrize("arguments", [("--json", "out.json"), ("--output", "out.mp4")])
def test_an_end_that_does_not_fit_on_the_disk(run, tmp_path, made, lite, arguments):
    """Only the last bytes, which are written when the file is closed, pass the limit."""
    source = ("--input", made / "turned_90.mov", *arguments, *LITE, "--no-perf-text")
    assert run(*source).returncode == 0
    size = (tmp_path / arguments[1]).stat().st_size
    (tmp_path / arguments[1]).write_text("old")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size - 60, size - 60))

    assert "cannot be written (File too large)" in one_line(run(*source, preexec_fn=limit))
    assert (tmp_path / arguments[1]).read_text() == "old"


# Sends itself a signal when it begins to load libraries, or when 50 frames are written.
TOLD = """
import os, sys
import posecore.cli
number, when, *arguments = int(sys.argv[1]), *sys.argv[2:]
tell = lambda: os.kill(os.getpid(), number)
if when == "start-up":
    told = []
    sys.addaudithook(lambda event, of: event == "import" and of[0] == "av" and not told and (told.append(1), tell()))
else:
    from posecore.formats import DocumentWriter
    write = DocumentWriter.write
    DocumentWriter.write = lambda self, frame: (write(self, frame), self.frame_count == 50 and tell())
sys.exit(posecore.cli.main(arguments, default="run"))
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("when", ["start-up", "middle"])
@pytest.mark.parametrize("engine", ENGINES)
def test_stops_when_told(tmp_path, demo, number, status, when, engine):
    """And leaves no trace."""
    (tmp_path / "out.mp4").write_text("old")
    line = [sys.executable, "-c", TOLD, int(number), when, "--input", demo, "--model-complexity", "2"]
    line += ["--engine", engine, "--output", "out.mp4", "--json", "new/out.json"]
    done = subprocess.run([*map(str, line)], cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == status and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("interrupted; ") == done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"] and (tmp_path / "out.mp4").read_text() == "old"


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("engine", ENGINES)
def test_no_internet_socket_is_opened(tmp_path, tiny_video, lite, engine):
    command = ["strace", "-f", "-qq", "-e", "trace=network", "-o", "trace", sys.executable, str(ROOT / "run.py")]
    command += ["--input", str(tiny_video), "--output", "out.mp4", "--json", "out.json", *LITE, "--engine", engine]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    calls = (tmp_path / "trace").read_text()
    assert (tmp_path / "out.mp4").exists()
    assert "AF_INET" not in calls, calls


def test_the_cache_is_where_the_variable_says():
    assert os.environ.get("POSECORE_CACHE", "") in ("", str(cache_folder()))


@pytest.mark.slow
def test_memory_stays_flat(tmp_path, made, lite):
    """The first 3,300 frames of two minutes in 1080p: growth after frame 300."""
    command = [sys.executable, str(ROOT / "run.py"), "--input", str(made / "long.mp4")]
    with running([*command, "--json", "out.json", *LITE], cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: psutil.Process(process.pid).children(), "the process that does the work")
        (memory,) = psutil.Process(process.pid).children()
        part, sizes = None, []
        while not sizes or sizes[-1][0] < 3300:
            assert process.poll() is None
            time.sleep(0.1)
            part = part or next(tmp_path.glob(".out.json.*.part"), None)
            frames = part.read_bytes().count(b"frame_index") if part else 0
            if frames >= 300:
                sizes.append((frames, memory.memory_info().rss / 1e6))
        process.terminate()
        assert process.wait(timeout=HANGS) == 143
    growth = max(size for _, size in sizes) - sizes[0][1]
    print(f"memory: {sizes[0][1]:.0f} MB after {sizes[0][0]} frames, {growth:+.1f} MB until frame {sizes[-1][0]}")
    assert growth < 30


def test_json_is_the_same_with_and_without_a_video(run, made, lite, tmp_path):
    source = ("--input", made / "turned_90.mov", *LITE)
    run(*source, "--json", "a.json")
    run(*source, "--json", "b.json", "--output", "b.mp4", "--min-score", "0.9")
    a, b = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert a == b and len(a["frames"]) == 3
