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
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from batch import links, long_video
from live import stream
from soak_process import family, start, usage
from soak_signals import LITE, stop_all

from posecore.assets import fetch, fetch_all
from posecore.evaluation import machine
from posecore.files import replacing
from posecore.video import VideoReader

PARTS = 6  # of a stretch of time, which are compared
GROWTH_MB, GROWTH_DESCRIPTORS = 30, 4  # from the second part to the last that are no growth
CLIPS = 24  # of a batch that is killed
FASTEST = 150  # frames/s that no machine exceeds for the whole command; else it is over before its time


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


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as text: of each its command, and what was found of it."""
    lines = []
    for row in rows:
        found = {name: value for name, value in row.items() if name not in ("command", "said", "kept")}
        said = "; ".join(f"{name.replace('_s', ' s')} {_short(value)}" for name, value in found.items())
        lines.append(f"{'kept  ' if row['kept'] else 'BROKEN'}  {row['command']:15}  {said}\n")
    return "".join(lines)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count}" for name, count in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def main() -> int:
    """Do what is asked for; print a line for each, and write all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of wall time for memory; default: %(default)s")
    parser.add_argument("--kills", type=int, default=100, help="by local workers and on Ray each; default: %(default)s")
    parser.add_argument("--signals", type=int, default=50, help="for each command; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments; default: %(default)s")
    parser.add_argument(
        "--results", default="bench/results/soak.json", help="and as text beside it; default: %(default)s"
    )
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
        take(lambda folder: stop_all(folder, clip, options.signals, rng))
    if options.kills:
        take(lambda folder: [kills(folder, clip, options.kills, how, rng) for how in ((), ("--ray",))])
    if options.minutes:
        take(lambda folder: flat_all(folder, clip, 60 * options.minutes))
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps({"machine": machine(), "seed": options.seed, "rows": rows}, indent=1) + "\n")
    with replacing(Path(options.results).with_suffix(".txt")) as temporary:
        where = ", ".join(f"{name} {value}" for name, value in machine().items())
        temporary.write_text(f"seed {options.seed}; {where}\n\n{table(rows)}")
    return 0 if all(row["kept"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
