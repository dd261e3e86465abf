"""What a run does with the machine: as many threads as are allowed, the right time, the disk, the model file."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import HANGS

from posecore.batch import manifest, process_videos
from posecore.batch.manifest import Record
from posecore.batch.task import do_task
from posecore.errors import explain
from posecore.options import Options
from posecore.pipeline import process_video

ROOT = Path(__file__).parent.parent.parent
LITE = Options(model_complexity=0, threads=1)
# Prints the seconds of the processor that the main thread took, and all the others together.
COUNTED = """
import os, sys
import cv2
import posecore.cli
limits = []
limit = cv2.setNumThreads
cv2.setNumThreads = lambda count: (limits.append(count), limit(count))
status = posecore.cli.main(sys.argv[1:], default="run")
ticks = {}
for thread in os.listdir("/proc/self/task"):
    try:
        fields = open(f"/proc/self/task/{thread}/stat").read().rpartition(")")[2].split()
    except OSError:  # it has just ended
        continue
    ticks[int(thread)] = int(fields[11]) + int(fields[12])
main = ticks.pop(os.getpid())
print(status, limits[0], main, sum(ticks.values()))
"""


def here(tasks, options, progress):
    """A runner without processes."""
    while tasks:
        task = tasks.popleft()
        yield task, do_task(task, options)


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in Linux's /proc")
def test_one_thread_is_one(tmp_path, demo, lite):
    """By the processor's own account, which does not depend on what else runs."""
    arguments = ["--input", demo, "--output", "out.mp4", "--json", "out.json", "--threads", "1"]
    line = [sys.executable, "-c", COUNTED, *map(str, arguments), "--model-complexity", "0", "--engine", "openvino"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    status, opencv, main, others = map(int, done.stdout.split())
    print(f"main thread {main} ticks, all others {others}")
    assert (status, opencv) == (0, 1)
    assert others < main / 5  # what is compiled at the start


def test_a_step_of_the_clock_changes_nothing(tmp_path, tiny_video, lite, monkeypatch):
    """Every look at the wall clock is an hour earlier or later than the one before."""
    process_video(tiny_video, None, tmp_path / "before.json", LITE)
    looks = []

    def stepping():
        looks.append(1)
        return 1.7e9 + 3600 * (-1) ** len(looks) * len(looks)

    monkeypatch.setattr(time, "time", stepping)
    summary = process_video(tiny_video, tmp_path / "out.mp4", tmp_path / "out.json", LITE)
    assert summary.frames == 10 and 0 < summary.seconds < 3600 and min(summary.inference_ms) > 0
    assert (tmp_path / "out.json").read_bytes() == (tmp_path / "before.json").read_bytes()
    done = process_videos(str(tiny_video), tmp_path / "batch", LITE, run=here)
    assert [record.frames for record in done.done] == [10] and 0 <= done.done[0].seconds < 3600


def test_the_model_file_is_read_once_for_its_hash(tmp_path, tiny_video, lite, monkeypatch):
    """By as many videos as there are, and both where it is looked for and where the document names it."""
    monkeypatch.setattr("posecore.files._hashes", {})
    hashed, digest = [], hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, name: hashed.append(file.name) or digest(file, name))
    monkeypatch.setattr("posecore.files.SETTLED", -1e9)
    for name in ("a.json", "b.json"):
        process_video(tiny_video, None, tmp_path / name, LITE)
    assert [Path(path) for path in hashed] == [lite]


def test_what_a_manifest_promises_is_on_the_disk_before(tmp_path, tiny_video, lite, monkeypatch):
    """The outputs, their names in all folders, and then the line."""
    (tmp_path / "in/sub").mkdir(parents=True)
    shutil.copy(tiny_video, tmp_path / "in/sub/a.mp4")
    synced, fsync, write = [], os.fsync, os.write

    def note_sync(descriptor):
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def note_write(descriptor, content):
        if content.startswith(b'{"name"'):
            synced.append("the line")
        return write(descriptor, content)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(manifest.os, "write", note_write)
    out = tmp_path / "out"
    process_videos(str(tmp_path / "in"), out, LITE, run=here)
    line = synced.index("the line")
    wanted = {str(path) for path in (out / "sub/a.mp4", out / "sub/a.json", out / "sub", out)}
    assert wanted <= set(synced[:line])
    assert synced[line + 1 :] == [str(out / "manifest.jsonl"), str(out)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_manifest_that_cannot_be_written(tmp_path, monkeypatch, number):
    def fail(descriptor, content):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(manifest.os, "write", fail)
    with pytest.raises(OSError, match=r"manifest\.jsonl: cannot be written \(.*\); choose another place or make room"):
        manifest.Manifest(tmp_path).add(Record("a", "/a.mp4", 1, "1", "o", ()))
    monkeypatch.undo()
    assert manifest.Manifest(tmp_path).records == {}


@pytest.mark.parametrize("call", ["fsync", "rename", "mkdir", "open"])
def test_a_disk_that_fails_at_any_stage(tmp_path, tiny_video, lite, monkeypatch, call):
    """The batch goes on: the record says which file could not be written, what was there stays, nothing is left."""
    out = tmp_path / "out"
    (out / "tiny").mkdir(parents=True)

    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    name = {"fsync": (os, "fsync"), "rename": (Path, "replace"), "mkdir": (os, "makedirs"), "open": (Path, "open")}[
        call
    ]

    def failing(tasks, options, progress):
        while tasks:
            task = tasks.popleft()
            with monkeypatch.context() as patch:
                patch.setattr(*name, fail)
                record = do_task(task, options)
            yield task, record

    (failed,) = process_videos(str(tiny_video), out, LITE, video=False, run=failing).failed
    assert "No space left on device" in failed.error and "room" in failed.error
    assert not list(out.rglob("*.part"))


def test_errors_of_the_machine_in_words():
    assert "make room" in explain(OSError(errno.ENOSPC, "No space left on device"))
    assert explain(OSError(errno.ENOSPC, "No space left on device", "x.mp4")).startswith("x.mp4: cannot be written")
    assert "not enough memory" in explain(MemoryError())
    assert (
        json.dumps(explain(PermissionError(13, "Permission denied", "x")))
        == '"x: Permission denied; check its permissions"'
    )
