"""A command of posecore as a process, and all that it has started."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

# As `run.py` begins: a signal that comes while Python itself starts cannot be helped, one that comes later can.
BEGIN = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
POSECORE = (sys.executable, "-c", BEGIN + "import sys; from posecore.cli import main; sys.exit(main())")
TEMPORARY = "tmp"  # folder for what a command would leave where the system has its temporary files


def start(words: Sequence[object], folder: Path) -> subprocess.Popen[str]:
    """A command in a folder, in a group of its own."""
    (folder / TEMPORARY).mkdir(exist_ok=True)
    return subprocess.Popen(
        [*POSECORE, *map(str, words)],
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder / TEMPORARY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """A command and all that it has started."""
    try:
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def usage(process: subprocess.Popen[str]) -> tuple[float, int] | None:
    """Megabytes that are its own, and open descriptors, of a command and all that it has started."""
    try:
        members = family(process)
        return sum(m.memory_full_info().uss for m in members) / 1e6, sum(m.num_fds() for m in members)
    except psutil.Error:  # one ended meanwhile
        return None
