"""Every setting of the table of people who are followed, run on clips with true ids; writes eval/results/tracks.

All settings see a clip one after the other, so their times are comparable; nothing else should run meanwhile.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import command
from tqdm import tqdm
from tracks_table import MARKS, table

from posecore import VideoReader, open_estimator
from posecore.cli.parser import Parser
from posecore.evaluation import (
    TrackScore,
    around_table,
    describe_model,
    follow,
    machine,
    replace_table,
    score_tracks,
    track_figures,
    true_tracks_of,
    versions,
    write_json,
)
from posecore.models import MODELS
from posecore.options import ENGINES

ROOT = Path(__file__).parent.parent


class Setting(NamedTuple):
    """A model, and at least how often the person finder looks: every so many frames."""

    model: str
    every: int

    def __str__(self) -> str:
        return f"{self.model}_every_{self.every}"


SETTINGS = [
    Setting(model, every)
    for model in ("blazepose-full", "movenet-lightning", "movenet-thunder")
    for every in (1, 5, 10)
]


def run(options: argparse.Namespace) -> None:
    """Run, score, write a file for each setting, and the table."""
    truth = true_tracks_of(options.clips)
    if options.text:
        around_table(options.text, MARKS)  # before minutes are spent
    scores: dict[Setting, dict[str, TrackScore]] = {setting: {} for setting in SETTINGS}
    people, seconds = dict.fromkeys(SETTINGS, 0), dict.fromkeys(SETTINGS, 0.0)
    for name, setting in tqdm([(name, setting) for name in truth for setting in SETTINGS], disable=None):
        followed = open_estimator(model=setting.model, num_poses=0, finder_every=setting.every)
        with VideoReader(options.clips / f"{name}.mp4") as video, followed as estimator:
            frames, took = follow(video, estimator)
        scores[setting][name] = score_tracks(frames, truth[name])
        people[setting] += sum(len(frame.persons) for frame in frames)
        seconds[setting] += took.sum() / 1000
    for setting in SETTINGS:
        about = {
            "options": setting._asdict(),
            "model": describe_model(MODELS[setting.model]),
            "versions": versions(ENGINES[0]),
            "machine": machine(),
            "people_per_second": round(people[setting] / seconds[setting], 1),
        }
        write_json(options.out / f"{setting}.json", about | track_figures(scores[setting]))
    text = table(options.out)
    print(text)
    if options.text:
        replace_table(options.text, text, MARKS)


def main(arguments: list[str] | None = None) -> int:
    """Run all; the exit status is 2 when the input is wrong."""
    parser = Parser("track.py", "--clips DIR [options]", __doc__)
    add = parser.add_argument
    add("--clips", type=Path, required=True, metavar="DIR", help="folder of NAME.mp4 and NAME.ids.json")
    add("--out", type=Path, default=ROOT / "eval/results/tracks", metavar="DIR", help="default: eval/results/tracks")
    add("--text", type=Path, metavar="FILE", help="the text whose table is replaced; default: none")
    return command.run(run, parser, arguments, "run it again from the start")


if __name__ == "__main__":
    sys.exit(main())
