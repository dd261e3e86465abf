"""`posecore live` as a user runs it: pipes, signals, crashes, a window, and what it says."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from media import demux
from streams import levels, mpegts, send, tcp
from waiting import HANGS, running, wait_until

from posecore.cli import main
from posecore.formats import read_document

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, ROOT / "run.py", "live", "--model-complexity", "0")
PIECES = mpegts(levels((320, 180)))


@contextmanager
def stream():
    with tcp(lambda write, _: send(PIECES, write)) as port:
        yield f"tcp://127.0.0.1:{port}"


def count(path):
    """Whole lines so far."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


@contextmanager
def live(folder, *arguments, **options):
    """The command, once it has written ten frames to out.jsonl."""
    lines = folder / "out.jsonl"
    command = [*COMMAND, "--json", lines, *arguments]
    with running(command, stderr=subprocess.PIPE, text=True, cwd=folder, **options) as process:
        wait_until(lambda: count(lines) > 10 or process.poll() is not None, "ten frames")
        yield process, lines


def test_a_pipe_whose_lines_somebody_reads_only_five_of(lite):
    """As `ffmpeg -re -i clip -f mpegts - | posecore live --stdin --json - | head -5`."""
    pipe = subprocess.PIPE
    with running([*COMMAND, "--stdin", "--json", "-"], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:

        def write(data):
            process.stdin.write(data)

        def sends():
            with pytest.raises(BrokenPipeError):
                send(PIECES, write)

        sender = threading.Thread(target=sends)
        sender.start()
        lines = [json.loads(read_line(process.stdout)) for _ in range(5)]
        process.stdout.close()
        assert process.wait(HANGS) == 128 + signal.SIGPIPE
        sender.join()
        assert process.stderr.read() == b""
    assert lines[0]["meta"]["source"] == "standard input"
    assert lines[1]["frame_index"] == 0 and all("received_at" in line for line in lines[1:])


def read_line(file):
    """A line of a pipe that is not buffered."""
    line = b""
    while not line.endswith(b"\n"):
        line += file.read(1)
    return line


def test_standard_input_that_is_a_file_or_ends(lite, tmp_path):
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES))
    for shell in ("{} < clip.ts", "cat clip.ts | {}"):
        line = shell.format(" ".join(map(str, [*COMMAND, "--stdin", "--json", "out.jsonl"])))
        done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)
        assert done.returncode == 0 and done.stderr.count("\n") == 1, done.stderr
        frames = read_document(tmp_path / "out.jsonl")[1]
        assert len(frames) == 40 if "<" in shell else 1 <= len(frames) <= 40


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_whole_files_and_a_summary(lite, tmp_path, number):
    with stream() as url, live(tmp_path, "--url", url, "--output", "out.mkv") as (process, lines):
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait(HANGS) == 0, said
    assert said.count("\n") == 1 and "frames/s, inference" in said and "latency" in said
    assert said.startswith(f"run.py live: {url}: ") and f"-> out.mkv, {lines}" in said
    frames = read_document(lines)[1]
    assert f": {len(frames)} frames" in said
    track, _ = demux(tmp_path / "out.mkv")
    assert track.times == pytest.approx([frame.timestamp_ms / 1000 for frame in frames], abs=0.002)


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_a_crash_leaves_what_was_recorded(lite, tmp_path, suffix):
    video = tmp_path / f"out{suffix}"
    with stream() as url, live(tmp_path, "--url", url, "--output", video) as (process, lines):
        wait_until(lambda: count(lines) > 60 or process.poll() is not None, "two seconds of a record")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    frames = read_document(lines)[1]
    track, _ = demux(video)
    assert len(frames) >= 58 and len(track.times) >= len(frames) // 4
    done = subprocess.run(
        [*COMMAND[:2], "--input", video, "--json", tmp_path / "again.json", "--model-complexity", "0"],
        capture_output=True, text=True, timeout=HANGS,
    )  # fmt: skip
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr


@pytest.mark.parametrize("arguments", [("--output", "out.mkv"), ("--json", "out.jsonl")])
def test_a_full_disk(lite, run, tmp_path, arguments):
    """What fits stays, as after a crash."""
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES))

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = run("live", "--url", "clip.ts", *arguments, "--model-complexity", "0", preexec_fn=limit)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert (
        f"error: {arguments[1]}: cannot be written (File too large); choose another place or make room" in done.stderr
    )
    assert (tmp_path / arguments[1]).stat().st_size > 10_000


def test_a_source_that_does_not_come_back_is_an_error_after_the_summary(lite, tmp_path):
    def serve(write, number):
        if number == 0:
            send(PIECES, write, until=60)

    with tcp(serve) as port:
        done = subprocess.run(
            [*COMMAND, "--url", f"tcp://127.0.0.1:{port}", "--json", tmp_path / "out.jsonl", "--retry", "0.5"],
            capture_output=True, text=True, timeout=HANGS,
        )  # fmt: skip
    assert done.returncode == 2, done.stderr
    sought, summary, error = done.stderr.splitlines()
    assert "it ended; it is sought again for 0.5 s" in sought and " frames, " in summary
    assert error.endswith("it ended, and it did not come back within 0.5 s; what came before is whole")


@contextmanager
def xvfb(folder):
    """A display without a screen, whose pixels are in a file: the environment that names it."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("Xvfb or xdotool is not installed: apt-get install xvfb xdotool")
    reader, writer = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writer),
        "-screen",
        "0",
        "800x600x24",
        "-noreset",
        "-ac",
        "-fbdir",
        str(folder),
    ]
    with running(command, pass_fds=[writer], stderr=subprocess.DEVNULL):
        os.close(writer)
        with open(reader) as number:
            environment = os.environ | {"DISPLAY": f":{number.readline().strip()}"}
        ask = ["xdotool", "getdisplaygeometry"]
        for _ in range(100):
            if subprocess.run(ask, env=environment, capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        else:
            pytest.skip(f"Xvfb runs as display {environment['DISPLAY']}, and xdotool cannot reach it")
        yield environment


def pixels(folder):
    """(600, 800, 3), blue, green, red: what the display shows; the file is X's window dump, black until it is there."""
    if not (folder / "Xvfb_screen0").is_file():
        return np.zeros((600, 800, 3), np.uint8)
    data = (folder / "Xvfb_screen0").read_bytes()
    head, colors = int.from_bytes(data[:4], "big"), int.from_bytes(data[76:80], "big")
    return np.frombuffer(data, np.uint8, 800 * 600 * 4, head + 12 * colors).reshape(600, 800, 4)[..., :3]


def test_a_window(lite, tmp_path):
    """What is on the screen is as bright as the pictures that are sent; q closes it."""
    with xvfb(tmp_path) as environment, stream() as url:
        with live(tmp_path, "--url", url, "--show", env=environment) as (process, _):
            wait_until(
                lambda: process.poll() is not None or (pixels(tmp_path) > 15).all(axis=2).sum() > 50_000,
                "a picture on the screen",
            )
            assert process.poll() is None, process.stderr.read()
            key = ["xdotool", "search", "--name", "^posecore ", "windowfocus", "key", "q"]
            subprocess.run(key, env=environment, check=True, capture_output=True)
            said = process.stderr.read()
            assert process.wait(HANGS) == 0 and "latency" in said, said


@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":987"}])
def test_no_display(lite, tmp_path, display):
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | display
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES))
    done = subprocess.run(
        [*COMMAND, "--url", tmp_path / "clip.ts", "--show"],
        env=environment, capture_output=True, text=True, timeout=HANGS,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "--show: no window can be opened (" in done.stderr and "leave --show out" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one of the arguments --camera --url --stdin --list is required"),
        (("--camera", "0", "--stdin"), "not allowed with argument"),
        (("--camera", "0"), "nothing to do: give --show, --output OUT.mkv, --json OUT.jsonl or --json -"),
        (("--camera", "0", "--show", "--stall", "0"), "argument --stall: a number above 0 is wanted, got 0"),
        (("--camera", "0", "--show", "--durations", "3"), "did you mean --duration?"),
    ],
)
def test_arguments_that_do_not_fit_together(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["live", *arguments])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_a_container_that_cannot_be_written(capsys, lite):
    assert main(["live", "--url", "tcp://127.0.0.1:1", "--output", "out.avi"]) == 2
    assert "cannot write '.avi' video; use one of .mp4, .mov, .mkv, .webm, .ts" in capsys.readouterr().err


def test_a_record_that_a_crash_takes_is_said_to_be_one(capsys, lite, tmp_path):
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES))
    out = str(tmp_path / "out.mp4")
    given = ["--url", str(tmp_path / "clip.ts"), "--output", out, "--model-complexity", "0"]
    assert main(["live", *given]) == 0
    note, _ = capsys.readouterr().err.splitlines()
    assert "can be played only once it is complete; .mkv and .ts survive a crash" in note
    assert len(demux(Path(out))[0].times) == 40


def test_a_torn_record_is_read_with_a_note(capsys, lite, tmp_path):
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES))
    lines = tmp_path / "out.jsonl"
    assert main(["live", "--url", str(tmp_path / "clip.ts"), "--json", str(lines), "--model-complexity", "0"]) == 0
    lines.write_bytes(lines.read_bytes()[:-20])
    capsys.readouterr()
    assert main(["export", str(lines), "--to", "mot", "-o", str(tmp_path / "out.txt")]) == 0
    assert "note: " in (said := capsys.readouterr().err) and "line 41, the last, is torn" in said


def test_the_list_of_cameras(capsys, monkeypatch):
    from posecore.video import devices

    monkeypatch.setattr(devices, "_by_sysfs", lambda folder: [devices.Camera(2, "USB camera", "/dev/video2")])
    monkeypatch.setattr(devices.sys, "platform", "linux")
    assert main(["live", "--list"]) == 0
    assert capsys.readouterr() == ("2  USB camera  /dev/video2\n", "")
    monkeypatch.setattr(devices, "_by_sysfs", lambda folder: [])
    assert main(["live", "--list"]) == 0
    out, err = capsys.readouterr()
    assert out == "" and err.endswith(" live: note: there is no camera\n")


@pytest.mark.parametrize(("often", "key", "value"), [("--every", "every", 3), ("--max-rate", "max_rate", 10)])
def test_fewer_looks(capsys, lite, tmp_path, often, key, value):
    """40 frames at 30 frames/s: either looks at every third of them."""
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES))
    given = ["--url", str(tmp_path / "clip.ts"), "--model-complexity", "0", often, str(value), "--sparse"]
    assert main(["live", *given, "--json", str(tmp_path / "out.jsonl")]) == 0
    assert ": 40 frames (14 looked at), " in capsys.readouterr().err
    meta, frames = read_document(tmp_path / "out.jsonl")
    assert [frame.index for frame in frames] == list(range(0, 40, 3)) and meta[key] == value and meta["sparse"]
