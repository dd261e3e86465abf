"""What processes leave that are killed, and what those have that live."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from waiting import HANGS, running

from posecore import temporary
from posecore.files import replacing
from posecore.temporary import ENDING, held, remove_dead, temporary_folder, temporary_name

WORK = """
import tempfile
from posecore.files import replacing
from posecore.temporary import temporary_folder
tempfile.tempdir = "."
with replacing("new/out.json") as file, replacing("out.json"), temporary_folder() as folder:
    file.write_text("half")
    (folder / "network").write_text("half")
    print("at work", flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def as_at_the_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", ".")
    remove_dead.cache_clear()


@pytest.fixture
def other():
    """Another process in the middle of its work in the current folder."""
    line = [sys.executable, "-c", WORK]
    with running(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "at work\n"
        yield process


def parts():
    return sorted(path for path in Path().rglob("*") if path.name.endswith(".part"))


def do_the_same():
    for name in ("new/out.json", "out.json"):
        with replacing(name) as file:
            file.write_text("whole")
    with temporary_folder():
        pass


def test_what_a_killed_process_left_is_removed_by_the_next(other):
    assert len(parts()) == 3
    other.send_signal(signal.SIGKILL)
    other.wait(timeout=HANGS)
    assert len(parts()) == 3
    do_the_same()
    assert sorted(map(str, Path().rglob("*"))) == ["new", "new/out.json", "out.json"]


def test_what_a_living_process_writes_stays(other):
    before = parts()
    do_the_same()
    assert parts() == before and len(before) == 3
    other.communicate("\n", timeout=HANGS)
    assert other.returncode == 0 and not parts()
    assert Path("new/out.json").read_text() == "half"


def test_nothing_else_is_removed(monkeypatch):
    """Of another machine, of a name that is not ours, and what a link points to."""
    dead = temporary_name("a.json")
    mine = [".a.json.part", "a.json.12-00ff-0123abcd.part", ".a.json.12-00ff.part", f"{dead}.txt", "a.part"]
    with monkeypatch.context() as patched:
        patched.setattr(temporary, "_machine", lambda: "0123abcd")
        others = temporary_name("a.json")
    for name in (dead, others, *mine, "user.json"):
        Path(name).touch()
    link = temporary_name("b.json")
    Path(link).symlink_to("user.json")
    remove_dead(Path())
    assert sorted(os.listdir()) == sorted([others, *mine, "user.json", link])


def test_a_file_that_is_taken_away_before_it_is_locked_is_made_again(tmp_path):
    made = []

    def make(path):
        made.append(path)
        if len(made) > 1:
            path.touch()

    path = tmp_path / temporary_name("a.json")
    with held(path, make):
        assert path.exists() and len(made) == 2
        remove_dead(tmp_path)
        assert path.exists()


def test_a_disk_without_locks_is_no_obstacle(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(temporary.fcntl, "flock", fail)
    (tmp_path / temporary_name("dead")).touch()
    with replacing("a.json") as file:
        file.write_text("whole")
    assert Path("a.json").read_text() == "whole" and len(parts()) == 1


def test_without_fcntl(tmp_path, monkeypatch):
    monkeypatch.setattr(temporary, "fcntl", None)
    do_the_same()
    assert Path("out.json").read_text() == "whole" and not parts()


def test_a_name_says_process_and_machine():
    assert re.fullmatch(rf"\.a\.json\.{ENDING}", temporary_name("a.json"))
    assert f".{os.getpid()}-" in temporary_name("a.json")


def test_a_folder_that_cannot_be_looked_through_is_no_obstacle(tmp_path):
    remove_dead(tmp_path / "not there")


def test_what_is_taken_away_while_it_is_locked_is_not_there(tmp_path, monkeypatch):
    path, lock = tmp_path / "a", temporary.fcntl.flock

    def late(descriptor, how):
        lock(descriptor, how)
        path.unlink()

    path.touch()
    monkeypatch.setattr(temporary.fcntl, "flock", late)
    assert temporary._locked(path, temporary.fcntl.LOCK_EX) is None
