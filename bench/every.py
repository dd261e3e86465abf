"""What --every costs and saves: time, and how far the keypoints are from those of every frame's own look.

Each clip goes through the whole command's work, one setting after the other, several times in turn; the shortest of the
times counts, as other work only adds to it. Distances are in body sizes, the longer side of the person's box as every
frame's own look has it, over all keypoints that it is sure of (score 0.3).
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from posecore import Options, process_video, read_document
from posecore.evaluation import around_table, machine, replace_table
from posecore.files import replacing
from posecore.models import MODELS
from posecore.pose import FramePose, Person

SURE = 0.3
MARKS = "<!-- every: made by bench/every.py -->", "<!-- end of every -->"


def run(clip: Path, folder: Path, model: str, every: int, video: bool) -> tuple[float, list[FramePose]]:
    """Seconds from the file to the outputs, and what was found."""
    output, document = folder / "out.mp4" if video else None, folder / "out.json"
    options = Options(model=model, every=every, perf_text=False)
    started = time.perf_counter()
    process_video(clip, output, document, options)
    return time.perf_counter() - started, read_document(document)[1]


def distances(truth: Sequence[FramePose], found: Sequence[FramePose]) -> tuple[list[float], int, int]:
    """Of every sure keypoint, in body sizes; frames with a person in `truth`, and in both."""
    pairs = [(a.persons[0], b.persons[:1]) for a, b in zip(truth, found, strict=True) if a.persons]
    far = [distance for person, others in pairs for other in others for distance in _between(person, other)]
    return far, len(pairs), sum(len(others) for _, others in pairs)


def _between(person: Person, other: Person) -> Iterable[float]:
    size = float((person.box[2:] - person.box[:2]).max())
    sure = person.keypoints.score >= SURE
    return (np.linalg.norm(other.keypoints.xy - person.keypoints.xy, axis=1)[sure] / size).tolist()


def rows(clips: Sequence[Path], model: str, every: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """A row for each of `every`, over all clips."""
    seconds: dict[tuple[int, bool, Path], list[float]] = defaultdict(list)
    found: dict[tuple[int, Path], list[FramePose]] = {}
    with tempfile.TemporaryDirectory() as folder:
        run(clips[0], Path(folder), model, every[0], False)  # what is done once is done
        for _ in range(rounds):
            for clip in clips:
                for n in every:
                    for video in (False, True):
                        took, found[n, clip] = run(clip, Path(folder), model, n, video)
                        seconds[n, video, clip].append(took)
    table = []
    for n in every:
        far, frames, both = zip(*(distances(found[1, clip], found[n, clip]) for clip in clips), strict=True)
        everywhere = np.concatenate([np.array(each) for each in far])
        table.append(
            {
                "every": n,
                "json_s": round(sum(min(seconds[n, False, clip]) for clip in clips), 2),
                "video_s": round(sum(min(seconds[n, True, clip]) for clip in clips), 2),
                "median": round(float(np.median(everywhere)), 4),
                "p95": round(float(np.percentile(everywhere, 95)), 4),
                "p95_by_clip": [round(float(np.percentile(each, 95)), 3) for each in far],
                "found": round(sum(both) / sum(frames), 3),
            }
        )
    return table


def text(table: Sequence[dict[str, Any]], clips: Sequence[Path]) -> str:
    """The table of docs/results.md."""
    names = ", ".join(clip.stem for clip in clips)
    lines = [
        f"| N | JSON alone | video + JSON | median | p95 | people found | p95 of {names} |",
        "|--:|--:|--:|--:|--:|--:|---|",
    ]
    first = table[0]
    for row in table:
        times = (f"{row[key]:.1f} s ({first[key] / row[key]:.2f} ×)" for key in ("json_s", "video_s"))
        own = row["every"] == 1
        figures = ["–"] * 4 if own else [f"{row['median']:.4f}", f"{row['p95']:.3f}", f"{row['found']:.1%}"]
        by_clip = "–" if own else " / ".join(f"{value:.3f}" for value in row["p95_by_clip"])
        lines.append(f"| {' | '.join([str(row['every']), *times, *figures[:3], by_clip])} |")
    return "\n".join(lines)


def main() -> int:
    """Run all rounds; print the table, write it as JSON and into a text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--every", type=int, nargs="+", default=[1, 2, 3, 5], help="1 first; default: 1 2 3 5")
    parser.add_argument("--model", choices=MODELS, default="blazepose-full", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--results", default="bench/results/every.json", help="default: %(default)s")
    parser.add_argument("--text", type=Path, help="a text in which the table is replaced")
    options = parser.parse_args()
    if options.text:
        around_table(options.text, MARKS)  # before minutes are spent
    table = rows(options.clips, options.model, options.every, options.rounds)
    print(shown := text(table, options.clips))
    names = [clip.name for clip in options.clips]
    with replacing(options.results) as temporary:
        content = {
            "machine": machine(),
            "model": options.model,
            "rounds": options.rounds,
            "clips": names,
            "rows": table,
        }
        temporary.write_text(json.dumps(content, indent=1) + "\n")
    if options.text:
        replace_table(options.text, f"{MARKS[0]}\n{shown}\n{MARKS[1]}", MARKS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
