"""Batches as a user starts them, and what they leave."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

import posecore
from posecore.batch.task import do_task
from posecore.options import Options

RUN = Path(posecore.__file__).parent.parent / "run.py"
OPTIONS = ("--model-complexity", "0", "--engine", "openvino", "--workers", "2")
LITE = Options(model_complexity=0, engine="openvino")
BROKEN = {"empty", "sub/text", "half"}


def command(clips, out, *more):
    return [sys.executable, str(RUN), "batch", "--input", str(clips), "--output-dir", str(out), *OPTIONS, *more]


def run(clips, out, *more):
    return subprocess.run(command(clips, out, *more), capture_output=True, text=True, timeout=300)


def here(tasks, options, progress):
    """A runner without processes."""
    while tasks:
        task = tasks.popleft()
        yield task, do_task(task, options)


def documents(out):
    return {str(path.relative_to(out).with_suffix("")): path.read_bytes() for path in out.rglob("*.json")}


def leftovers(out):
    return [str(path) for path in out.rglob("*.part")]


def wait_for(out, count):
    """Until so many videos are in the manifest."""
    manifest, end = out / "manifest.jsonl", time.monotonic() + 60
    while not manifest.exists() or manifest.read_bytes().count(b"\n") < count:
        assert time.monotonic() < end, f"{count} videos are not done after 60 s"
        time.sleep(0.01)


def workers_of(process):
    with_task = psutil.Process(process.pid).children()
    return [child for child in with_task if "spawn_main" in " ".join(child.cmdline())]
