"""Batches as a user starts them, and what they leave."""

import subprocess
import sys
from pathlib import Path

import psutil
from waiting import HANGS, wait_until

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
    return subprocess.run(command(clips, out, *more), capture_output=True, text=True, timeout=HANGS)


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
    manifest = out / "manifest.jsonl"
    wait_until(lambda: manifest.exists() and manifest.read_bytes().count(b"\n") >= count, f"doing {count} videos")


def workers_of(process):
    """Worker processes of a batch; they are there once a video is done."""
    return [child for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())]


def ended(processes):
    """Whether all of them end."""
    return not psutil.wait_procs(processes, timeout=HANGS)[1]


def at_work_on(path, *before):
    """Wait until a process writes a file of the outputs, and return it; `before`: others that did so before."""
    found = []

    def look():
        found[:] = [int(part.name.split(".")[-2].split("-")[0]) for part in path.parent.glob(f".{path.name}.*.part")]
        return set(found) - {process.pid for process in before}

    wait_until(look, f"work on {path.name}")
    (number,) = set(found) - {process.pid for process in before}
    return psutil.Process(number)
