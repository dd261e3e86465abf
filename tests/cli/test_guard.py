"""A crash in a library, and what else may happen to a command that is two processes: one works, one waits for it."""

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import psutil
import pytest
from waiting import HANGS, running, wait_until

from posecore.cli.commands import COMMANDS, main, module_of

READ = {name: command.reads for name, command in COMMANDS.items() if command.reads}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="without fork there is one process")
# Does as `posecore` does, but that a command is what `work` says, in a process with a file that is half written.
WORKING = """
import ctypes, os, signal, sys, time
from posecore.cli import main, run
from posecore.cli.messages import guarded
from posecore.files import replacing
def at_work():
    with replacing("out.json") as file:
        file.write_text("half")
        print("at work", flush=True)
        return work()
run.main = lambda arguments, prog: guarded(prog, at_work, "nothing was written")
sys.argv = ["posecore", "run", "clip.mp4", "--json", "out.json"]
work = lambda: {}
sys.exit(main())
"""


def line(work):
    return [sys.executable, "-c", WORKING.format(work)]


def done(folder, work, **options):
    return subprocess.run(line(work), cwd=folder, capture_output=True, text=True, timeout=HANGS, **options)


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        ("ctypes.string_at(0)", "crashed (SIGSEGV), a library's fault; "),
        ("os.abort()", "crashed (SIGABRT), a library's fault; "),
        ("os.kill(os.getpid(), signal.SIGBUS)", "crashed (SIGBUS), a library's fault; "),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed (SIGKILL), perhaps for lack of memory; make memory free"),
    ],
)
def test_a_crash_is_one_line_and_leaves_nothing(tmp_path, work, reason):
    (tmp_path / "out.json").write_text("old")
    ended = done(tmp_path, work)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith(f"posecore run: error: clip.mp4: the process at work on it {reason}")
    assert os.listdir(tmp_path) == ["out.json"] and (tmp_path / "out.json").read_text() == "old"


def test_a_crash_while_a_video_is_decoded(tmp_path, tiny_video, lite):
    """In a thread of the command itself, when files are half written."""
    code = (
        "import ctypes, sys; from posecore.cli import main; from posecore.video import VideoReader;"
        "VideoReader._frames = lambda *_: map(ctypes.string_at, [0]); sys.exit(main(default='run'))"
    )
    words = ["--input", tiny_video, "--output", "out.mp4", "--json", "out.json", "--model-complexity", "0"]
    command = [sys.executable, "-c", code, *map(str, words)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1, ended.stderr
    assert f"-c: error: {tiny_video}: the process at work on it crashed (SIGSEGV)" in ended.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("work", "status"),
    [
        ("0", 0),
        ("3", 3),
        ("sys.exit(7)", 7),
        ("1 / 0", 1),
        ("os.kill(os.getpid(), signal.SIGINT)", 130),
        ("os.kill(os.getpid(), signal.SIGTERM)", 143),
        ("os.kill(os.getpid(), signal.SIGHUP)", -signal.SIGHUP),
        ("os.kill(os.getpid(), signal.SIGUSR1)", -signal.SIGUSR1),
    ],
)
def test_its_status_is_that_of_the_work(tmp_path, work, status):
    """Where whoever started it ignores SIGCHLD too."""
    ended = done(tmp_path, work, preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert ended.returncode == status and ended.stdout == "at work\n", ended.stderr
    assert ("Traceback" in ended.stderr) == (work == "1 / 0")
    assert not list(tmp_path.glob(".*.part"))


def begun(folder, work="time.sleep(600)"):
    """The command, in the middle of its work."""
    return running(line(work), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def worker(process):
    assert process.stdout.readline() == "at work\n"
    (child,) = psutil.Process(process.pid).children()
    return child


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_a_signal_to_the_one_that_waits_or_to_both(tmp_path, number, status, send):
    with begun(tmp_path) as process:
        worker(process)
        send(process.pid, number)
        assert process.wait(HANGS) == status
        assert process.stderr.read() == "posecore run: interrupted; nothing was written\n"
    assert os.listdir(tmp_path) == []


def test_a_signal_to_both_is_one_wish(tmp_path):
    """As of `live`, which the first signal ends in an orderly way and the second at once."""
    body = """
    from posecore.cli.messages import ended_by_signal
    with ended_by_signal(lambda: wished.append(1)):
        print("ready", flush=True)
        while not wished: time.sleep(0.01)
        time.sleep(0.2)
    return 5
"""
    code = WORKING.replace("return work()", "return wait()").format(0)
    code = code.replace("def at_work", f"wished = []\ndef wait():{body}\ndef at_work")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with running([sys.executable, "-c", code], cwd=tmp_path, **pipes) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["at work\n", "ready\n"]
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(HANGS) == 5, process.stderr.read()


def test_it_ends_with_the_one_that_waits(tmp_path):
    with begun(tmp_path) as process:
        worker(process)
        process.kill()
        assert process.stdout.read() == ""  # the end of a pipe that both have
        assert process.stderr.read() == "posecore run: interrupted; nothing was written\n"
    assert os.listdir(tmp_path) == []


def test_both_sleep_and_wake(tmp_path):
    """A group of its own in a session with somebody who could wake it: others are not put to sleep."""
    options = {"stdout": subprocess.PIPE, "text": True, "process_group": 0}
    with subprocess.Popen(line("time.sleep(600)"), cwd=tmp_path, **options) as process:
        waiting, child = psutil.Process(process.pid), worker(process)
        try:
            process.send_signal(signal.SIGTSTP)
            wait_until(lambda: {p.status() for p in (waiting, child)} == {psutil.STATUS_STOPPED}, "sleep")
            process.send_signal(signal.SIGCONT)
            wait_until(lambda: psutil.STATUS_STOPPED not in {p.status() for p in (waiting, child)}, "waking")
            process.terminate()
            assert process.wait(HANGS) == 143
        finally:
            child.kill() if child.is_running() else None
            process.kill()


def test_what_is_called_by_another_program_stays_in_it(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fork", None)
    assert main(["run", str(tmp_path / "absent.mp4"), "--json", str(tmp_path / "out.json")]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["live", "--url", "rtsp://me:secret@host/a?key=secret", "--json", "-"], "rtsp://host/a"),
        (["live", "--stdin", "--json", "-"], "standard input"),
        (["compare", "a.mp4", "b.mp4"], "a.mp4, b.mp4"),
        (["run", "a.mp4", "--model-path", "b.onnx"], "a.mp4, b.onnx"),
    ],
)
def test_what_crashed_is_named(tmp_path, words, said):
    """And no password."""
    code = WORKING.replace("run.main", f"import_module('posecore.cli.{words[0]}').main")
    code = code.replace('["posecore", "run", "clip.mp4", "--json", "out.json"]', str(["posecore", *words]))
    command = [sys.executable, "-c", "from importlib import import_module\n" + code.format("os.abort()")]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith(f"posecore {words[0]}: error: {said}: the process at work on it crashed (SIGABRT)")


@pytest.mark.parametrize("name", READ)
def test_the_names_of_what_is_read_are_arguments(name):
    known = {action.dest for action in import_module(module_of(name)).make_parser("posecore")._actions}
    assert set(READ[name]) <= known


def test_which_commands_have_it():
    """The others import neither the decoder nor a model, or have workers."""
    without = {"batch", "tracks", "smooth", "models", "fetch"}
    assert set(READ) == set(COMMANDS) - without
    for name in without - {"batch", "models"}:
        text = Path(import_module(module_of(name)).__file__).read_text()
        assert "posecore.video" not in text and "posecore.pipeline" not in text
