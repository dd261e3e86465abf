"""What following everyone costs: time a frame against following one, and the finder's share of it.

The frames of a clip, at most 640 wide, are in memory; following one and following everyone go through them in turn,
several times, on one thread. The median counts. The default is the part of the demo clip that shows two people.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

from posecore import VideoReader, open_estimator
from posecore.assets import fetch, fetch_all
from posecore.evaluation import machine
from posecore.files import replacing
from posecore.models import MODELS
from posecore.models.person_finder import PersonFinder
from posecore.options import DEFAULTS

TWO_PEOPLE = 45, 160  # frames of the demo clip in which two are followed

Frames = Sequence[tuple[Any, int]]


def follow(frames: Frames, model: str, people: int, every: int) -> tuple[float, float, float]:
    """Milliseconds a frame, those of the finder in it, and the mean number of people who were followed."""
    finder, found = 0.0, 0
    look = PersonFinder.__call__

    def timed(self: PersonFinder, *arguments: Any) -> Any:
        nonlocal finder
        started = time.perf_counter()
        result = look(self, *arguments)
        finder += time.perf_counter() - started
        return result

    with open_estimator(model=model, num_poses=people, finder_every=every, threads=1, max_side=0) as estimator:
        estimator(*frames[0])  # what is done once is done
        finder = 0.0
        with patch.object(PersonFinder, "__call__", timed):
            started = time.perf_counter()
            for picture, timestamp_ms in frames[1:]:
                found += len(estimator(picture, timestamp_ms))
            seconds = time.perf_counter() - started
    frames_seen = len(frames) - 1
    return 1000 * seconds / frames_seen, 1000 * finder / frames_seen, found / frames_seen


def row(frames: Frames, model: str, every: int, rounds: int) -> dict[str, Any]:
    """Medians over the rounds, in each of which one is followed and then everyone."""
    pairs = [(follow(frames, model, 1, every), follow(frames, model, 0, every)) for _ in range(rounds)]
    one, everyone = (statistics.median(pair[n][0] for pair in pairs) for n in (0, 1))
    return {
        "model": model,
        "finder_every": every,
        "people": round(pairs[0][1][2], 2),
        "ms_one": round(one, 2),
        "ms_everyone": round(everyone, 2),
        "times_one": round(statistics.median(b[0] / a[0] for a, b in pairs), 2),
        "finder_share": round(statistics.median(b[1] / b[0] for _, b in pairs), 3),
        "people_per_second": round(1000 * pairs[0][1][2] / everyone, 1),
    }


def main() -> int:
    """Run all rounds; print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, help="default: the part of the demo clip that shows two people")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--every", type=int, nargs="+", default=[DEFAULTS.finder_every], help="default: %(default)s")
    parser.add_argument("--model", choices=MODELS, nargs="+", default=list(MODELS), help="default: all")
    parser.add_argument("--results", default="bench/results/people.json", help="default: %(default)s")
    options = parser.parse_args()
    fetch_all([*(MODELS[name].asset for name in options.model), "finder"])
    with VideoReader(options.input or fetch("demo")) as video:
        part = islice(video, *(() if options.input else TWO_PEOPLE[:1]), None if options.input else TWO_PEOPLE[1])
        frames = [(frame.small(DEFAULTS.max_side).copy(), frame.timestamp_ms) for frame in part]
    rows = [row(frames, model, every, options.rounds) for model in options.model for every in options.every]
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for line in rows:
        print("| " + " | ".join(map(str, line.values())) + " |")
    with replacing(options.results) as temporary:
        content = {"machine": machine(), "frames": len(frames), "rounds": options.rounds, "rows": rows}
        temporary.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
