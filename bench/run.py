"""How long the whole command takes, against the loop that everybody writes and against a bare transcode.

Every command is run as a user runs it, from a cold process to the complete files, all in turn and several times. The
median counts. `transcode` decodes and encodes with the same settings and does nothing else: no command can be faster.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecore.assets import fetch, fetch_all
from posecore.evaluation import machine, short_name
from posecore.files import replacing
from posecore.models import MODELS, model_file
from posecore.video import VideoReader

ROOT = Path(__file__).parent.parent
# As installed: Python keeps what it has compiled for the next start, which is 0.1 s of ours; some shells forbid it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass
class Contender:
    """A command, and what its runs took: seconds of wall time and of all cores together, peak memory in MB."""

    name: str
    model: str
    kind: str
    arguments: list[str]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run it once."""
        started = time.perf_counter()
        command = [sys.executable, *self.arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"{' '.join(self.arguments)}: exit status {os.waitstatus_to_exitcode(status)}")
        self.wall.append(time.perf_counter() - started)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.memory.append(usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))


def contenders(video: Path, out: Path, models: list[str], people: str = "1") -> list[Contender]:
    """The transcode, then engines and naive loop for each model, with and without a video.

    The naive loop is MediaPipe's, which has no MoveNet. people: other than 1 runs openvino with so many, too.
    """
    source, document = ["--input", str(video)], ["--json", str(out / "out.json")]
    annotated = ["--output", str(out / "out.mp4")]
    found = [Contender("transcode", "", "video", ["bench/transcode.py", *source, *annotated])]
    for model in (MODELS[name] for name in models):
        name = short_name(model)
        for kind, files in (("video + JSON", annotated + document), ("JSON only", document)):
            if "mediapipe" in model.family.engines:
                naive = ["bench/naive.py", *source, "--model", str(model_file(model)), *files]
                found.append(Contender("naive", name, kind, naive))
            for engine in model.family.engines:
                command = ["run.py", "--engine", engine, "--model", model.name, *source, *files]
                found.append(Contender(engine, name, kind, command))
            if people != "1":
                everyone = ["run.py", "--model", model.name, "--people", people, *source, *files]
                found.append(Contender(f"openvino, --people {people}", name, kind, everyone))
    return found


def row(contender: Contender, frames: int, naive: Contender | None, transcode: Contender) -> dict[str, Any]:
    """Medians, and the ratios to the naive loop and the transcode, each the median over the rounds."""
    wall = statistics.median(contender.wall)
    ratios = {"times_faster_than_naive": naive} if naive else {}
    return {
        "command": contender.name,
        "model": contender.model,
        "writes": contender.kind,
        "wall_s": round(wall, 2),
        "cpu_s": round(statistics.median(contender.cpu), 2),
        "frames_per_s": round(frames / wall, 1),
        "memory_mb": round(max(contender.memory)),
        **{name: _ratio(other.wall, contender.wall) for name, other in ratios.items()},
        "time_of_transcode": _ratio(contender.wall, transcode.wall),
        "wall_s_of_every_round": [round(value, 2) for value in contender.wall],
    }


def _ratio(a: list[float], b: list[float]) -> float:
    return round(statistics.median(x / y for x, y in zip(a, b, strict=True)), 2)


def main() -> int:
    """Run all rounds; print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, help="default: the demo clip")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--model", choices=MODELS, nargs="+", default=list(MODELS), help="default: all")
    parser.add_argument("--people", default="1", metavar="N", help="also with so many, or all (default: %(default)s)")
    parser.add_argument("--results", default="bench/results/run.json", help="default: %(default)s")
    options = parser.parse_args()
    fetch_all([MODELS[name].asset for name in options.model] + ["finder"] * (options.people != "1"))
    video = options.input or fetch("demo")
    with VideoReader(video) as reader:
        frames = sum(1 for _ in reader)
    with tempfile.TemporaryDirectory() as folder:
        everyone = contenders(video, Path(folder), options.model, options.people)
        for number in range(options.rounds + 1):  # the first fills the caches and does not count
            for contender in everyone:
                contender.run()
                if number == 0:
                    contender.wall.clear(), contender.cpu.clear(), contender.memory.clear()
            print(f"round {number} of {options.rounds}", file=sys.stderr)
    naive = {(c.model, c.kind): c for c in everyone if c.name == "naive"}
    rows = [row(c, frames, naive.get((c.model, c.kind)), everyone[0]) for c in everyone]
    print_table(rows)
    with replacing(options.results) as temporary:
        content = {"machine": machine(), "clip": video.name, "frames": frames, "rounds": options.rounds, "rows": rows}
        temporary.write_text(json.dumps(content, indent=1) + "\n")
    return 0


def print_table(rows: list[dict[str, Any]]) -> None:
    """As Markdown, for docs/results.md."""
    print("| model | writes | command | seconds | CPU s | frames/s | × naive | × time of transcode | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for r in rows:
        cells = [r["model"], r["writes"], r["command"], r["wall_s"], r["cpu_s"], r["frames_per_s"]]
        cells += [r.get("times_faster_than_naive", "–"), r["time_of_transcode"], r["memory_mb"]]
        print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    sys.exit(main())
