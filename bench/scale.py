"""How the cost of a video grows: with its frames, its pixels, the people in it, and, the other way, with the cores.

Each of the four is changed alone, in clips that `scale_clips.py` makes of the demo clip. What is measured is
`process_video`, from the file to video and JSON, in a process that has run before; all clips in turn, several rounds,
and the median counts. The exponent is the slope of the line of least squares through the logarithms: with 1 cost grows
in proportion, with −1 it is shared out.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from scale_clips import MOST_PEOPLE, TILED, decoded, size_of, tiled, walkers, write
from tqdm import tqdm

from posecore import Options, process_video
from posecore.assets import fetch, fetch_all
from posecore.cores import available_cores
from posecore.evaluation import around_table, in_turn, machine, replace_table
from posecore.files import replacing
from posecore.models import MODELS

MARKS = "<!-- scale: made by bench/scale.py -->", "<!-- end of scale -->"
SHARES = (0.25, 0.5, 1, 2, 4)  # of the frames, and of the pixels
PEOPLE = (1, 2, 4, MOST_PEOPLE)
AXES = {"frames": "frames", "pixels": "pixels of a frame", "people": "people", "cores": "cores"}


@dataclass
class Point:
    """A clip and how it is done.

    value: what it has of its axis. per: frames that the seconds are divided by. found: people in each frame of a round.
    """

    axis: str
    value: int
    clip: Path
    options: Options
    per: int = 1
    seconds: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of the median round, of the whole or of a frame."""
        return float(np.median(self.seconds)) / self.per

    def run(self, folder: Path) -> None:
        """Do it once."""
        outputs = folder / "out.mp4", folder / "out.json"
        self.found.clear()
        started = time.perf_counter()
        process_video(self.clip, *outputs, self.options, on_people=lambda pose: self.found.append(len(pose.persons)))
        self.seconds.append(time.perf_counter() - started)


def points(folder: Path, demo: Path, model: str, frames: int) -> list[Point]:
    """All that is measured. frames: of a clip whose length is not what is changed, times four."""
    one, everyone = Options(model=model), Options(model=model, people=0)
    width, height = size_of(demo)
    part = max(2, frames // 4)
    found = []
    for share in SHARES:
        count = max(2, round(share * frames))
        clip = write(folder / f"frames{count}.mp4", islice(decoded(demo), count), width, height)
        found.append(Point("frames", count, clip, one))
        if share == 1:
            cores = sorted({2**n for n in range(10) if 2**n < available_cores()} | {available_cores()})
            found += [Point("cores", n, clip, Options(model=model, threads=n), count) for n in cores]
        size = round(width * share**0.5), round(height * share**0.5)
        clip = write(folder / f"pixels{size[0]}.mp4", islice(decoded(demo), part), *size)
        found.append(Point("pixels", size[0] * size[1], clip, one, part))
    crops = walkers(demo)
    for people in PEOPLE:
        clip = write(folder / f"people{people}.mp4", islice(tiled(crops, people), part), *TILED)
        found.append(Point("people", people, clip, everyone, part))
    return found


def exponent(values: Sequence[float], costs: Sequence[float]) -> tuple[float, float]:
    """Slope and height of the line of least squares through the logarithms; no slope through one point."""
    if len(values) < 2:
        return float("nan"), float(np.log(costs[0]))
    slope, base = np.polyfit(np.log(values), np.log(costs), 1)
    return float(slope), float(base)


def rows(measured: Sequence[Point]) -> dict[str, dict[str, Any]]:
    """By axis: values, the median cost of each in seconds, and the exponent."""
    table = {}
    for axis in AXES:
        along = sorted((point for point in measured if point.axis == axis), key=lambda point: point.value)
        values, costs = [point.value for point in along], [point.median for point in along]
        slope, _ = exponent(values, costs)
        table[axis] = {
            "values": values,
            "seconds": [round(cost, 5) for cost in costs],
            "of": "the video" if axis == "frames" else "a frame",
            "exponent": None if np.isnan(slope) else round(slope, 3),
            "people": [round(float(np.mean(point.found)), 2) for point in along],
        }
    return table


def text(table: dict[str, dict[str, Any]], picture: str) -> str:
    """What docs/results.md has between its marks."""
    lines = [f"![Cost against frames, pixels, people and cores, with logarithms on both axes]({picture})", ""]
    lines += ["| against | from | to | cost, first → last | exponent |", "|---|--:|--:|--:|--:|"]
    for axis, row in table.items():
        whole, values, seconds = row["of"] == "the video", row["values"], row["seconds"]
        costs = " → ".join(f"{s:.2f} s" if whole else f"{1000 * s:.1f} ms" for s in (seconds[0], seconds[-1]))
        slope = "–" if row["exponent"] is None else f"{row['exponent']:.2f}".replace("-", "−")
        lines.append(f"| {AXES[axis]} | {values[0]:,} | {values[-1]:,} | {costs} of {row['of']} | {slope} |")
    return "\n".join(lines)


def draw(table: dict[str, dict[str, Any]], path: Path) -> None:
    """The four lines, with their exponents."""
    style: dict[Any, Any] = {"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "posecore", "axes.grid": True}
    with matplotlib.rc_context(style | {"grid.color": "#e5e7eb", "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(11, 2.8), layout="constrained")
        for axes, (axis, row) in zip(figure.subplots(1, len(table)), table.items(), strict=True):
            whole = row["of"] == "the video"
            values, costs = np.array(row["values"], float), np.array(row["seconds"]) * (1 if whole else 1000)
            slope, base = exponent(values, costs)
            axes.loglog(values, np.exp(base) * values ** np.nan_to_num(slope), color="#9ca3af")
            axes.loglog(values, costs, "o", color="#2563eb", markersize=5)
            axes.set(
                xlabel=AXES[axis],
                ylabel="s" if whole else "ms a frame",
                title="" if np.isnan(slope) else f"exponent {slope:.2f}",
            )
            for side, ticks in ((axes.xaxis, values), (axes.yaxis, costs[[0, -1]])) if len(values) > 1 else ():
                side.set_ticks(ticks, [f"{tick:.3g}" if tick < 1e4 else f"{tick / 1e6:.2g} M" for tick in ticks])
                side.minorticks_off()
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")


def main() -> int:
    """Measure; print the table, write it as JSON, the picture, and both into a text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="blazepose-full", help="default: %(default)s")
    parser.add_argument("--frames", type=int, default=230, help="of the clip in the middle (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--results", default="bench/results/scale.json", help="default: %(default)s")
    parser.add_argument("--picture", type=Path, default="docs/scaling.svg", help="an SVG (default: %(default)s)")
    parser.add_argument("--text", type=Path, help="a text beside the picture in which the table is replaced")
    options = parser.parse_args()
    if options.text:
        around_table(options.text, MARKS)  # before minutes are spent
    fetch_all([MODELS[options.model].asset, "finder"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = points(folder, fetch("demo"), options.model, options.frames)
        for point in measured:  # what is done once is done
            if point.value == min(other.value for other in measured if other.axis == point.axis):
                Point(point.axis, point.value, point.clip, point.options).run(folder)
        turns = [point for number in range(options.rounds) for point in in_turn(measured, number)]
        for point in tqdm(turns, unit="run", disable=None):
            point.run(folder)
    table = rows(measured)
    print(shown := text(table, options.picture.name))
    with replacing(options.picture) as temporary, replacing(options.results) as results:
        draw(table, temporary)
        content = {"machine": machine(), "model": options.model, "rounds": options.rounds, "axes": table}
        results.write_text(json.dumps(content, indent=1) + "\n")
    if options.text:
        replace_table(options.text, f"{MARKS[0]}\n{shown}\n{MARKS[1]}", MARKS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
