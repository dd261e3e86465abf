"""Many videos: nothing twice, nothing lost, whatever is killed."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from media import cut

import posecore
from posecore.batch import process_videos
from posecore.manifest import Manifest
from posecore.options import Options
from posecore.pipeline import process_video

RUN = Path(posecore.__file__).parent.parent / "run.py"
OPTIONS = ("--model-complexity", "0", "--engine", "openvino", "--workers", "2")
LITE = Options(model_complexity=0, engine="openvino")
BROKEN = {"empty", "sub/text", "half"}


@pytest.fixture(scope="session")
def clips(tmp_path_factory, demo, videos, lite):
    """40 inputs: 37 small clips of people and things, three that are no videos."""
    folder = tmp_path_factory.mktemp("clips")
    (folder / "sub").mkdir()
    whole = folder / "sub" / "whole.mp4"
    cut(demo, whole, 60, 160)
    for number in range(30):
        cut(whole, folder / f"walk{number:02}.mp4", 5 * number, 12)
    for number, name in enumerate(("pose_squats.mp4", "multi_person_demo.mp4", "bottle-detection.mp4")):
        cut(videos / name, folder / "sub" / f"other{number}.mp4", 3, 10)
    for name in ("video_90.mov", "frames.webm", "bitmap.mp4"):
        shutil.copy(videos / name, folder)
    (folder / "empty.mp4").touch()
    (folder / "sub" / "text.mp4").write_text("no video\n" * 100)
    (folder / "half.mp4").write_bytes(whole.read_bytes()[:9000])
    return folder


@pytest.fixture(scope="session")
def expected(clips, tmp_path_factory):
    """What the single command writes, by name."""
    out, documents = tmp_path_factory.mktemp("single"), {}
    for path in clips.rglob("*.*"):
        name = str(path.relative_to(clips).with_suffix(""))
        if name not in BROKEN:
            process_video(path, None, out / "one.json", LITE)
            documents[name] = (out / "one.json").read_bytes()
    assert len(documents) == 37
    return documents


def command(clips, out, *more):
    return [sys.executable, str(RUN), "batch", "--input", str(clips), "--output-dir", str(out), *OPTIONS, *more]


def run(clips, out, *more):
    return subprocess.run(command(clips, out, *more), capture_output=True, text=True, timeout=300)


def documents(out):
    return {str(path.relative_to(out).with_suffix("")): path.read_bytes() for path in out.rglob("*.json")}


def leftovers(out):
    return [str(path) for path in out.rglob("*.part")]


def test_forty_inputs(clips, expected, tmp_path):
    """Every good one done once, every bad one reported once; the second run has nothing to do."""
    done = run(clips, tmp_path)
    assert done.returncode == 3, done.stderr
    assert "37 videos done" in done.stderr and "0 done before, 3 failed" in done.stderr
    assert "Traceback" not in done.stderr and "leaked" not in done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    assert {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.mp4")} == set(expected)
    lines = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert len(lines) == 40 and {line["name"] for line in lines if line["error"]} == BROKEN
    for name in BROKEN:
        assert done.stderr.count(f"  {name} ") == 1
    walk = next(line for line in lines if line["name"] == "walk05")
    assert walk["frames"] == 12 and walk["engine"] == "openvino" and walk["outputs"] == ["walk05.mp4", "walk05.json"]

    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    again = run(clips, tmp_path)
    assert again.returncode == 3 and "0 videos done (0 frames), 37 done before, 3 failed" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == before


@pytest.fixture
def few(clips, tmp_path):
    """Three clips and one that is none."""
    folder = tmp_path / "few"
    folder.mkdir()
    for name in ("walk00.mp4", "walk01.mp4", "walk02.mp4", "half.mp4"):
        shutil.copy(clips / name, folder)
    return folder


def counts(result):
    return sum(not record.error for record in result.done), result.skipped, len(result.failed)


def test_what_changed_is_done_again(few, clips, tmp_path):
    out = tmp_path / "out"
    assert counts(process_videos(str(few), out, LITE, video=False)) == (3, 0, 1)
    assert counts(process_videos(str(few), out, LITE, video=False)) == (0, 3, 1)
    shutil.copy(clips / "walk09.mp4", few / "walk01.mp4")
    assert counts(process_videos(str(few), out, LITE, video=False)) == (1, 2, 1)
    (out / "walk02.json").unlink()
    assert counts(process_videos(str(few), out, LITE, video=False)) == (1, 2, 1)
    assert counts(process_videos(str(few), out, Options(engine="openvino"), video=False)) == (3, 0, 1)
    assert counts(process_videos(str(few), out, LITE, video=True)) == (3, 0, 1)


def test_failures_are_tried_again_when_asked_for(few, clips, tmp_path):
    out = tmp_path / "out"
    process_videos(str(few), out, LITE, video=False)
    assert counts(process_videos(str(few), out, LITE, video=False)) == (0, 3, 1)
    assert counts(process_videos(str(few), out, LITE, video=False, retry_failed=True)) == (0, 3, 1)
    assert len((out / "manifest.jsonl").read_text().splitlines()) == 5
    shutil.copy(clips / "walk09.mp4", few / "half.mp4")
    assert counts(process_videos(str(few), out, LITE, video=False)) == (1, 3, 0)


def test_a_torn_line_costs_one_video(few, tmp_path):
    out = tmp_path / "out"
    process_videos(str(few), out, LITE, video=False)
    manifest = out / "manifest.jsonl"
    torn = json.loads(manifest.read_text().splitlines()[-1])["name"]
    manifest.write_bytes(manifest.read_bytes()[:-25])
    result = process_videos(str(few), out, LITE, video=False)
    assert [record.name for record in result.done] == [torn]
    assert len(Manifest(out).records) == 4


def workers_of(process):
    with_task = psutil.Process(process.pid).children()
    return [child for child in with_task if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.slow
def test_workers_may_be_killed(clips, expected, tmp_path):
    """Five times at random moments; the batch goes on."""
    rng = random.Random(1)
    process = subprocess.Popen(command(clips, tmp_path), stderr=subprocess.PIPE, text=True)
    killed = 0
    while killed < 5 and process.poll() is None:
        time.sleep(rng.uniform(0.3, 0.9))
        for worker in rng.sample(workers_of(process), 1) if workers_of(process) else []:
            worker.kill()
            killed += 1
    _, said = process.communicate(timeout=200)
    assert process.returncode == 3 and "37 videos done" in said, said
    assert killed == 5
    assert documents(tmp_path) == expected and not leftovers(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_driver_may_be_killed(clips, expected, tmp_path, seed):
    """At a random moment; its workers end with it, and the next run does the rest."""
    process = subprocess.Popen(command(clips, tmp_path), stderr=subprocess.DEVNULL)
    time.sleep(random.Random(seed).uniform(0.5, 3.5))
    workers = workers_of(process) if process.poll() is None else []
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
    done = run(clips, tmp_path)
    assert done.returncode == 3, done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    records = Manifest(tmp_path).records
    assert len(records) == 40 and {name for name, record in records.items() if record.error} == BROKEN


@pytest.mark.slow
def test_ctrl_c_leaves_no_half_file(clips, expected, tmp_path):
    process = subprocess.Popen(command(clips, tmp_path), stderr=subprocess.PIPE, text=True)
    time.sleep(2.5)
    workers = workers_of(process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "goes on where it stopped" in said and "Traceback" not in said
    assert not psutil.wait_procs(workers, timeout=5)[1]
    assert not leftovers(tmp_path)
    assert all(expected[name] == content for name, content in documents(tmp_path).items())


def test_a_second_batch_in_the_same_folder_stops(clips, few, tmp_path):
    process = subprocess.Popen(command(clips, tmp_path / "out"), stderr=subprocess.DEVNULL)
    try:
        while not (tmp_path / "out" / ".lock").exists():
            time.sleep(0.02)
        time.sleep(0.3)
        second = run(few, tmp_path / "out")
        assert second.returncode == 2 and second.stderr.count("\n") == 1
        assert "another batch is at work there" in second.stderr
    finally:
        process.kill()
        process.wait()
    assert run(few, tmp_path / "out", "--no-video").returncode == 3  # the lock went with the process


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--input", "none", "--output-dir", "out"), "No such file"),
        (("--input", "few", "--output-dir", "out", "--no-video", "--no-json"), "nothing to write"),
        (("--input", "few", "--output-dir", "out", "--workers", "0"), "workers must be 1 or more, got 0"),
        (("--input", "few", "--output-dir", "few/half.mp4"), "few/half.mp4"),
        (("--input", "few"), "required: --output-dir"),
    ],
)
def test_bad_usage(few, tmp_path, arguments, message):
    command = [sys.executable, str(RUN), "batch", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert message in done.stderr and "Traceback" not in done.stderr


def test_help_is_quick(tmp_path):
    done = subprocess.run([sys.executable, str(RUN), "batch", "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and "--retry-failed" in done.stdout and "--max-side" in done.stdout
