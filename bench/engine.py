"""What one call takes: of every model by every engine, and of the person finder; and where OpenVINO's spend it.

The frames of the demo clip, at most 640 wide, are in memory; all go through all of them in turn, several times.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from itertools import islice
from typing import Any
from unittest.mock import patch

import numpy as np

from posecore.assets import fetch, fetch_all
from posecore.cores import available_cores
from posecore.evaluation import machine, percentiles
from posecore.files import replacing
from posecore.models import MODELS, Model, Roi, finder_file, model_file, open_model
from posecore.models.blazepose import landmark_network, smoothing
from posecore.models.movenet.smoothing import KeypointFilter
from posecore.models.movenet.square import Square
from posecore.models.network import Request
from posecore.models.person_finder import SIDES, PersonFinder
from posecore.video import VideoReader

STAGES = (
    ("crop", Roi, "crop"),
    ("crop", Square, "crop"),
    ("crop", PersonFinder, "_letterbox"),
    ("network", Request, "__call__"),
    ("refine", landmark_network, "refine"),
    ("smooth", smoothing.Smoother, "__call__"),
    ("smooth", KeypointFilter, "__call__"),
)
Look = Callable[[Any, int], object]  # at a picture, (height, width, 3) uint8 RGB, and its time in milliseconds


@dataclass
class Contender:
    """A model by an engine, or the finder, and the milliseconds of its calls and of the stages of each.

    side: of the picture that the finder looks at.
    """

    name: str
    engine: str
    threads: int
    model: Model | None = None
    side: int = 0
    calls: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def run(self, frames: Sequence[tuple[Any, int]]) -> None:
        """Look at all frames once."""
        with self._opened() as look, timed_stages(self.stages):
            for image, timestamp_ms in frames:
                started = time.perf_counter()
                look(image, timestamp_ms)
                self.calls.append(1000 * (time.perf_counter() - started))

    @contextmanager
    def _opened(self) -> Iterator[Look]:
        if self.model:
            with closing(open_model(self.model, self.engine, model_file(self.model), threads=self.threads)) as opened:
                yield opened.detect
        else:
            with PersonFinder(finder_file(), self.side, self.threads) as finder:
                yield lambda image, timestamp_ms: finder(image)

    def row(self, mediapipe: "Contender | None") -> dict[str, Any]:
        """Median and p95 of a call, the median of each stage, and how much sooner it is done than by mediapipe."""
        median, p95 = percentiles(np.array(self.calls))
        faster = {"times_faster": round(float(np.median(mediapipe.calls)) / median, 2)} if mediapipe else {}
        return {
            "model": self.name,
            "engine": self.engine,
            "threads": self.threads,
            "call_ms": {"median": round(median, 2), "p95": round(p95, 2)},
            **faster,
            "stages_ms": {stage: round(float(np.median(times)), 3) for stage, times in self.stages.items()},
        }


def contenders() -> list[Contender]:
    """Every model by every engine that has it, and the finder at each of its sizes; OpenVINO by one thread and all."""
    threads = {"mediapipe": [1], "openvino": sorted({1, available_cores()})}
    models = [
        Contender(model.name, engine, n, model)
        for model in MODELS.values()
        for engine in sorted(model.family.engines)
        for n in threads[engine]
    ]
    return models + [
        Contender(f"finder {side}", "openvino", n, side=side) for side in SIDES for n in threads["openvino"]
    ]


@contextmanager
def timed_stages(times: dict[str, list[float]]) -> Iterator[None]:
    """Collect the milliseconds of every stage while the block runs."""
    with ExitStack() as stack:
        for name, owner, attribute in STAGES:
            stack.enter_context(patch.object(owner, attribute, _timed(getattr(owner, attribute), name, times)))
        yield


def _timed(function: Callable[..., Any], name: str, times: dict[str, list[float]]) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            times[name].append(1000 * (time.perf_counter() - started))

    return call


def main() -> int:
    """Measure; print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--frames", type=int, help="of the clip; default: all")
    parser.add_argument("--results", default="bench/results/engine.json", help="default: %(default)s")
    options = parser.parse_args()
    fetch_all([*(model.asset for model in MODELS.values()), "finder"])
    with VideoReader(fetch("demo")) as video:
        frames = [(frame.small(640), frame.timestamp_ms) for frame in islice(video, options.frames)]
    everyone = contenders()
    for number in range(options.rounds):
        for contender in everyone:
            contender.run(frames)
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    mediapipe = {contender.name: contender for contender in everyone if contender.engine == "mediapipe"}
    rows = [contender.row(mediapipe.get(contender.name)) for contender in everyone]
    print_table(rows)
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")
    return 0


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """As Markdown, for docs/results.md."""
    print("| model | engine | threads | ms median | p95 | × mediapipe | stages, ms |")
    print("|---|---|--:|--:|--:|--:|---|")
    for r in rows:
        stages = ", ".join(f"{stage} {value}" for stage, value in r["stages_ms"].items()) or "–"
        cells = [r["model"], r["engine"], r["threads"], *r["call_ms"].values(), r.get("times_faster", "–"), stages]
        print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    sys.exit(main())
