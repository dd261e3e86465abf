"""What one landmarker call takes, engine against engine, and where the native one spends it.

The frames of the demo clip, at most 640 wide, are in memory; the engines go through all of them in turn, several times.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

import numpy as np

from posecore.assets import fetch
from posecore.evaluation import machine, percentiles
from posecore.files import replacing
from posecore.models import MODEL_NAMES, BlazePoseLandmarker, MediaPipeLandmarker, Roi
from posecore.models.blazepose import landmark_network, smoothing
from posecore.models.network import Request
from posecore.video import VideoReader

ROUNDS = 3
STAGES = {
    "crop": (Roi, "crop"),
    "network": (Request, "__call__"),
    "refine": (landmark_network, "refine"),
    "smooth": (smoothing.Smoother, "__call__"),
}


@contextmanager
def timed_stages(times: dict[str, list[float]]) -> Iterator[None]:
    """Collect the milliseconds of every stage of the native engine while the block runs."""
    with ExitStack() as stack:
        for name, (owner, attribute) in STAGES.items():
            function = getattr(owner, attribute)
            stack.enter_context(patch.object(owner, attribute, _timed(function, times[name])))
        yield


def _timed(function: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            times.append(1000 * (time.perf_counter() - started))

    return call


def measure_model(name: str, frames: list[tuple[Any, int]]) -> list[dict[str, Any]]:
    """Median and p95 of a call by every engine, and the median of each stage of the native ones."""
    model = fetch(name)
    engines: dict[str, Callable[[], Any]] = {
        "mediapipe": lambda: MediaPipeLandmarker(model),
        "openvino, 1 thread": lambda: BlazePoseLandmarker(model, threads=1),
        "openvino, 2 threads": lambda: BlazePoseLandmarker(model, threads=2),
    }
    calls: dict[str, list[float]] = defaultdict(list)
    stages: dict[str, dict[str, list[float]]] = {engine: defaultdict(list) for engine in engines}
    for _ in range(ROUNDS):
        for engine, open_engine in engines.items():
            with open_engine() as landmarker, timed_stages(stages[engine]):
                for image, timestamp_ms in frames:
                    started = time.perf_counter()
                    landmarker.detect(image, timestamp_ms)
                    calls[engine].append(1000 * (time.perf_counter() - started))
    base = np.median(calls["mediapipe"])
    return [
        {
            "model": name,
            "engine": engine,
            "call_ms": dict(zip(("median", "p95"), (round(v, 2) for v in percentiles(np.array(times))), strict=True)),
            "times_faster": round(float(base / np.median(times)), 2),
            "stages_ms": {stage: round(float(np.median(t)), 3) for stage, t in stages[engine].items() if t},
        }
        for engine, times in calls.items()
    ]


def main() -> int:
    """Measure; print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", default="bench/results/engine.json", help="default: %(default)s")
    options = parser.parse_args()
    with VideoReader(fetch("demo")) as video:
        frames = [(frame.small(640), frame.timestamp_ms) for frame in video]
    rows = [row for name in MODEL_NAMES for row in measure_model(name, frames)]
    print("| model | engine | ms median | p95 | × mediapipe | stages, ms |")
    print("|---|---|---|---|---|---|")
    for r in rows:
        stages = ", ".join(f"{stage} {value}" for stage, value in r["stages_ms"].items()) or "–"
        call = r["call_ms"]
        print(f"| {r['model']} | {r['engine']} | {call['median']} | {call['p95']} | {r['times_faster']} | {stages} |")
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
