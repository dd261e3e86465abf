"""Ctrl-C and SIGTERM at any moment of any command: a line, the right status, no trace. And closed pipes.

No test waits for a moment by the clock: a hook in the command itself sends the signal when the command opens its n-th
file, imports its n-th module, or the like.
"""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import HANGS

from posecore.cli import messages

ROOT = Path(__file__).parent.parent.parent
LITE = ("--model-complexity", "0")
# Sends `number` at the n-th event after the command listens, and once more a little later.
HOOKED = """
import os, signal, sys
number, at, what, *arguments = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
seen = 0
def hook(event, details):
    global seen
    if not callable(signal.getsignal(number)) or signal.getsignal(number) is signal.default_int_handler:
        return
    if event in ("import", "open", "os.rename", "os.remove", "os.mkdir", "object.__getattr__", "compile", "exec"):
        seen += 1
        if seen in (at, at + 7):
            os.kill(os.getpid(), number)
sys.addaudithook(hook)
sys.argv = [what, *arguments]
if what == "run.py":
    from posecore.cli import main
    status = main(default="run")
else:
    sys.path.insert(0, os.path.dirname(what))
    from importlib import import_module
    status = import_module(os.path.basename(what)[:-3]).main()
print("seen", seen)
sys.exit(status)
"""


# Sends itself SIGINT at the n-th event after the first line of run.py, or after `posecore` has called its `main`.
EARLY = """
import os, runpy, signal, sys
at, way, root = int(sys.argv[1]), sys.argv[2], sys.argv[3]
seen = None
def hook(event, details):
    global seen
    if event == "exec" and details[0].co_filename.endswith("run.py") or event == "import" and details[0] == FIRST:
        seen = seen or 0
    if seen is not None and event in ("import", "open", "compile", "exec", "object.__getattr__"):
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGINT)
FIRST = "posecore.cli.messages"
sys.addaudithook(hook)
sys.argv = [way, "--input", "absent.mp4", "--json", "out.json"]
sys.path.insert(0, root)
if way == "run.py":
    runpy.run_path(f"{root}/run.py", run_name="__main__")
else:
    from posecore.cli import main
    sys.argv.insert(1, "run")
    sys.exit(main())
"""


def hooked(folder, number, at, *command):
    arguments = [sys.executable, "-c", HOOKED, str(int(number)), str(at), *map(str, command)]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=HANGS)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def small_dataset(folder):
    """Annotations of one picture that is there, of nobody."""
    import cv2
    import numpy as np

    (folder / "images").mkdir()
    cv2.imwrite(str(folder / "images/1.png"), np.full((48, 64, 3), 128, np.uint8))
    (folder / "a.json").write_text('{"images": [{"id": 1, "file_name": "1.png"}], "annotations": []}')


COMMANDS = {
    "run": ("run.py", "--input", "{video}", "--output", "new/out.mp4", "--json", "new/out.json", *LITE),
    "mediapipe": ("run.py", "--input", "{video}", "--output", "out.mp4", *LITE, "--engine", "mediapipe"),
    "batch": ("run.py", "batch", "--input", "{video}", "--output-dir", "out", "--workers", "1", *LITE),
    "models": ("run.py", "models"),
    "predict": (str(ROOT / "eval/predict_coco.py"), "--annotations", "a.json", "--images", "images",
                "--results", "r.json", *LITE),
}  # fmt: skip
RUN_ON = {".lock", "manifest.jsonl", "r.json.partial.jsonl"}  # by which the same command goes on


def filled(command, video):
    return [word.format(video=video) for word in COMMANDS[command]]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("part", [0.0, 0.05, 0.3, 0.6, 0.95])
def test_a_signal_at_any_time(tmp_path, tiny_video, lite, number, status, command, part):
    """In this part of all that the command opens and imports. Twice is no abort."""
    small_dataset(tmp_path)
    words = filled(command, tiny_video)
    whole = hooked(tmp_path, number, -100, *words)
    assert whole.returncode == 0, whole.stderr
    made = files(tmp_path)
    for name in made:
        if name not in ("a.json", "images/1.png"):
            (tmp_path / name).unlink()
    before = files(tmp_path)
    at = 1 + int(part * (int(whole.stdout.split()[-1]) - 1))
    done = hooked(tmp_path, number, at, *words)
    assert done.returncode == status, done.stderr
    assert done.stderr.count("interrupted; ") == 1 and done.stderr.count("\n") == 1, done.stderr
    left = set(files(tmp_path)) - set(before)
    assert {Path(name).name for name in left} <= RUN_ON | {Path(name).name for name in made}
    assert not [name for name in left if name.endswith(".part")]
    if left - {name for name in left if Path(name).name in RUN_ON}:  # it came when the files were complete
        assert part >= 0.8


@pytest.mark.parametrize("way", ["run.py", "posecore"])
@pytest.mark.parametrize("at", [2, 3, 5, 8, 12, 20, 40, 80, 160])
def test_a_signal_while_the_command_is_loaded(tmp_path, way, at):
    """Before it listens it dies of the signal, which shells call status 130; Python's own start cannot be helped."""
    line = [sys.executable, "-c", EARLY, str(at), way, str(ROOT)]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode in (-signal.SIGINT, 130), done.stderr
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == (done.returncode == 130), done.stderr
    assert os.listdir(tmp_path) == []


def stubborn(body):
    """A command that does not end by itself."""
    code = f"""
import os, signal, sys, time
from pathlib import Path
from posecore.cli import messages
from posecore.files import replacing
messages.listen_to_signals()
def run():
{body}
print(messages.guarded("prog", run, "nothing was written"))
"""
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_that_is_swallowed_ends_the_process_all_the_same(tmp_path, number, status):
    body = f"""
    Path("old").write_text("old")
    with replacing("old") as part, replacing("new/file") as other:
        sent = False
        while True:
            try:
                if not sent:
                    sent = True
                    os.kill(os.getpid(), {int(number)})
                time.sleep(60)
            except BaseException:
                pass
"""
    done = subprocess.run(stubborn(body), cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == status and done.stderr == "prog: interrupted; nothing was written\n"
    assert os.listdir(tmp_path) == ["old"] and (tmp_path / "old").read_text() == "old"


def test_native_code_that_does_not_come_back(tmp_path):
    """It waits for a lock of its own for ever; the signal comes from another thread."""
    body = """
    import ctypes, threading
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with replacing("file"):
        libc = ctypes.CDLL(None)
        lock = ctypes.create_string_buffer(256)
        libc.pthread_mutex_lock(lock)
        libc.pthread_mutex_lock(lock)  # for ever
"""
    done = subprocess.run(stubborn(body), cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 130 and done.stderr == "prog: interrupted; nothing was written\n"
    assert os.listdir(tmp_path) == []


def test_stderr_that_nobody_reads_holds_nothing_up(tmp_path):
    """The pipe is full: the last line has no room, and the process ends without it."""
    reader, writer = os.pipe()
    body = """
    os.set_blocking(2, False)
    try:
        while True: os.write(2, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(2, True)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
"""
    try:
        done = subprocess.run(stubborn(body), cwd=tmp_path, stderr=writer, timeout=HANGS)
    finally:
        os.close(reader)
        os.close(writer)
    assert done.returncode == 143


def shell(line, folder):
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=HANGS)


def command_line(*words):
    return " ".join([sys.executable, str(ROOT / "run.py"), *map(str, words)])


def test_stderr_that_is_closed(tmp_path, tiny_video, lite):
    """What is printed there must not land in a file of ours, which would get its number."""
    for engine in ("openvino", "mediapipe"):
        line = command_line("--input", tiny_video, "--json", "out.json", "--engine", engine, *LITE)
        assert shell(f"{line} 2>&-", tmp_path).returncode == 0
        assert (tmp_path / "out.json").read_text().startswith('{"meta"')
        assert shell(f"{line} >&- 2>&- <&-", tmp_path).returncode == 0
        assert (tmp_path / "out.json").read_text().endswith("]}\n")
    assert shell(f"{command_line('--input', 'absent', '--json', 'a.json')} 2>&-", tmp_path).stdout == ""


def test_stderr_that_nobody_reads_any_more(tmp_path, tiny_video, lite):
    line = command_line("--input", tiny_video, "--json", "out.json", *LITE)
    done = shell(f"{line} 2> >(exec true); echo $?", tmp_path)
    assert done.stdout == "0\n" and (tmp_path / "out.json").exists()


@pytest.mark.parametrize("words", [("models",), ("--help",)])
def test_stdout_that_nobody_reads_any_more(tmp_path, words):
    done = shell(f"set -o pipefail; {command_line(*words)} | true", tmp_path)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr and "error" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")
def test_stdout_on_a_full_disk(tmp_path):
    done = shell(f"{command_line('models')} > /dev/full", tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "standard output cannot be written (No space left on device); make room" in done.stderr


def test_a_line_for_nobody_is_no_fault(monkeypatch):
    """stderr that is closed in Python, and one whose file is gone."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    messages.say("posecore", "something")

    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

        def fileno(self):
            raise ValueError("it has none")

    monkeypatch.setattr(sys, "stderr", Broken())
    messages.say("posecore", "something")


def test_the_end_of_what_nobody_reads_is_no_fault(tmp_path):
    """What is still to be written when the process ends, as argparse's help."""
    code = """
import os, sys
from posecore.cli.messages import end_stdout
sys.stdout.write("something")
reader, writer = os.pipe()
os.dup2(writer, 1)
os.close(writer)
os.close(reader)
end_stdout()
"""
    done = shell(f"{sys.executable} -c '{code}'", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
