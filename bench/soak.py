"""Days without a fault, in short: memory over hours of video, batches that are killed, commands that are stopped.

flat: hours of video through `run`, `batch` and `live`; memory and open descriptors of the whole family of processes.
kills: a batch whose driver or a worker is killed (SIGKILL) at random moments and which is begun again, by local workers
and on Ray: at the end every document is there once and is what an undisturbed batch writes.
signals: SIGINT and SIGTERM at random moments of every command: it ends within two seconds and leaves nothing.

Prints a line for each and writes all as text and JSON; the exit status is 1 where a promise is broken. A full disk, a
read-only target, a file that grows and a clock that jumps are in the tests.
"""

import argparse
import json
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
from batch import links, long_video
from live import stream

from posecore.assets import fetch, fetch_all
from posecore.evaluation import machine
from posecore.files import replacing
from posecore.video import VideoReader

POSECORE = (sys.executable, "-c", "import sys; from posecore.cli import main; sys.exit(main())")
LITE = ("--model-complexity", "0")
PARTS = 6  # of a stretch of time, which are compared
GROWTH_MB, GROWTH_DESCRIPTORS = 30, 4  # from the second part to the last that are no growth
ENDS_WITHIN = 2.0  # seconds after a signal
CLIPS = 24  # of a batch that is killed
FASTEST = 150  # frames/s that no machine exceeds for the whole command; else it is over before its time


def start(words: Sequence[object], folder: Path) -> subprocess.Popen[str]:
    """A command in a folder, in a group of its own."""
    command = [*POSECORE, *map(str, words)]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
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


def flat(words: Sequence[object], folder: Path, seconds: float) -> dict[str, Any]:
    """Run a command for so long, or to its end; what it needed in each part of that time."""
    process, begun, seen = start(words, folder), time.monotonic(), []
    while process.poll() is None and time.monotonic() < begun + seconds:
        time.sleep(1)
        if used := usage(process):
            seen.append(used)
    passed = time.monotonic() - begun
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    said = process.communicate()[1].strip().splitlines()
    size = max(1, len(seen) // PARTS)
    parts = [seen[n * size : (n + 1) * size] for n in range(PARTS)]
    memory, descriptors = ([round(statistics.median(u[i] for u in part)) for part in parts if part] for i in (0, 1))
    grown = memory[-1] - memory[1], descriptors[-1] - descriptors[1]
    return {
        "command": " ".join(map(str, words[:1])),
        "seconds": round(passed),
        "MB": memory,
        "descriptors": descriptors,
        "said": said[-1] if said else "",
        "kept": grown[0] <= GROWTH_MB and grown[1] <= GROWTH_DESCRIPTORS,
    }


def flat_all(folder: Path, clip: Path, seconds: float) -> list[dict[str, Any]]:
    """`run`, `batch` and `live`, each for a third of the time."""
    with VideoReader(clip) as video:
        frames = video.info.frame_count or 1
        copies = round(seconds / 3 * FASTEST / frames) + 1
        long_video(clip, folder / "long", copies, frames / video.info.fps)
    links(clip, folder / "many", copies)
    (long,) = (folder / "long").iterdir()
    found = [
        flat(["run", long, "-o", "run.mp4", "--json", "run.json", *LITE], folder, seconds / 3),
        flat(["batch", "--input", "many", "--output-dir", "out", *LITE], folder, seconds / 3),
    ]
    with stream(30) as address:
        found.append(flat(["live", "--url", address, "--json", "live.jsonl", *LITE], folder, seconds / 3))
    return found


def kills(folder: Path, clip: Path, times: int, how: Sequence[str], rng: random.Random) -> dict[str, Any]:
    """Kill somebody of a batch so often, and begin it again; then compare with an undisturbed one."""
    inputs = folder / "clips"
    if not inputs.exists():
        links(clip, inputs, CLIPS)
    words = ["batch", "--input", inputs, *LITE, "--no-video", *how, "--output-dir"]
    begun = time.monotonic()
    start([*words, folder / "whole"], folder).communicate()
    undisturbed = time.monotonic() - begun
    whole = {path.name: path.read_bytes() for path in (folder / "whole").glob("*.json")}
    out, killed, wrong = folder / f"killed{''.join(how)}", Counter[str](), 0
    while killed.total() < times:
        shutil.rmtree(out, ignore_errors=True)
        process = start([*words, out, "--retry-failed"], folder)
        while process.poll() is None and killed.total() < times:
            time.sleep(rng.uniform(0.05, undisturbed / 6))
            if members := family(process):
                victim = rng.choice(members)
                killed["the driver" if victim.pid == process.pid else "another process"] += 1
                victim.kill()
                if victim.pid == process.pid:
                    time.sleep(0.2)
                    process = start([*words, out, "--retry-failed"], folder)
        process.wait()
        start([*words, out, "--retry-failed"], folder).communicate()
        documents = {path.name: path.read_bytes() for path in out.glob("*.json")}
        lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines() if line.endswith("}")]
        done = Counter(line["name"] for line in lines if not line.get("error"))
        wrong += documents != whole or max(done.values()) > 1 or bool(list(out.rglob("*.part")))
    return {"command": " ".join(["batch", *how]), "killed": dict(killed), "wrong": wrong, "kept": not wrong}


def signals(
    name: str, words: Sequence[object], made: Sequence[str], folder: Path, times: int, rng: random.Random
) -> dict[str, Any]:
    """Stop a command at so many moments. made: what it writes, of which nothing may be there after it was stopped."""
    began = time.monotonic()
    start(words, folder).communicate()
    lasts, late, left, traces, statuses = time.monotonic() - began, 0, 0, 0, Counter[int]()
    longest = 0.0
    for number in range(times):
        clear(folder, made)
        process = start(words, folder)
        time.sleep(rng.uniform(0, lasts))
        process.send_signal((signal.SIGINT, signal.SIGTERM)[number % 2])
        sent = time.monotonic()
        said = process.communicate()[1]
        took = time.monotonic() - sent
        statuses[process.returncode] += 1
        longest, late = max(longest, took), late + (took > ENDS_WITHIN)
        traces += "Traceback" in said
        there = [path for path in made if (folder / path).exists()] if process.returncode else []
        left += bool(there) or bool(list(folder.rglob("*.part")))
    clear(folder, made)
    kept = not (late or left or traces) and set(statuses) <= {0, 130, 143, -signal.SIGINT, -signal.SIGTERM}
    return {
        "command": name,
        "stopped": times,
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "longest_s": round(longest, 2),
        "late": late,
        "left": left,
        "tracebacks": traces,
        "kept": kept,
    }


def clear(folder: Path, made: Sequence[str]) -> None:
    """Take away what a command writes."""
    for path in (folder / name for name in made):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def signals_all(folder: Path, clip: Path, times: int, rng: random.Random) -> list[dict[str, Any]]:
    """Every command that writes."""
    start(["run", clip, "--people", "all", "--json", "in.json", *LITE], folder).communicate()
    commands: dict[str, tuple[list[object], list[str]]] = {
        "run": (["run", clip, "-o", "a.mp4", "--json", "a.json", *LITE], ["a.mp4", "a.json"]),
        "run --people all": (["run", clip, "--people", "all", "--json", "a.json", *LITE], ["a.json"]),
        "draw": (["draw", "in.json", "--input", clip, "-o", "d.mp4"], ["d.mp4"]),
        "smooth": (["smooth", "in.json", "-o", "s.json"], ["s.json"]),
        "view": (["view", "in.json", "--video", clip, "-o", "v.html"], ["v.html"]),
        "export": (["export", "in.json", "--to", "csv", "-o", "e.csv"], ["e.csv"]),
        "tracks": (["tracks", "drop", "in.json", "1", "-o", "t.json"], ["t.json"]),
        "compare": (["compare", clip, "--models", "blazepose-lite", "--sample", "1", "-o", "c.html"], ["c.html"]),
    }
    return [signals(name, words, made, folder, times, rng) for name, (words, made) in commands.items()]


def main() -> int:
    """Do what is asked for; print a line for each, and write all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of wall time for memory; default: %(default)s")
    parser.add_argument("--kills", type=int, default=100, help="by local workers and on Ray each; default: %(default)s")
    parser.add_argument("--signals", type=int, default=50, help="for each command; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments; default: %(default)s")
    parser.add_argument("--results", default="bench/results/soak.json", help="default: %(default)s")
    options = parser.parse_args()
    fetch_all(["lite", "demo"])
    rng, clip = random.Random(options.seed), fetch("demo")
    rows: list[dict[str, Any]] = []

    def take(part: Callable[[Path], list[dict[str, Any]]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for row in part(Path(folder)):
                rows.append(row)
                print(row, flush=True)

    if options.signals:
        take(lambda folder: signals_all(folder, clip, options.signals, rng))
    if options.kills:
        take(lambda folder: [kills(folder, clip, options.kills, how, rng) for how in ((), ("--ray",))])
    if options.minutes:
        take(lambda folder: flat_all(folder, clip, 60 * options.minutes))
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps({"machine": machine(), "seed": options.seed, "rows": rows}, indent=1) + "\n")
    return 0 if all(row["kept"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
