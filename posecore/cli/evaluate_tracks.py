"""`posecore evaluate tracks`: who is who by a model, or in documents, measured against the true ids of clips."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from posecore.cli.messages import guarded
from posecore.cli.parser import Parser, add_max_side, add_model, check_model
from posecore.cli.status import Status
from posecore.options import DEFAULTS, Options

if TYPE_CHECKING:
    from posecore.pose import FramePose


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "--clips DIR [--documents DIR] [options]",
        "Follow everybody in clips, and compare with their true ids: recall, changes of identity, IDF1, HOTA.",
        "eval/README.md says what they are.",
    )
    add = parser.add_argument_group("files").add_argument
    add("--clips", required=True, metavar="DIR", help="folder of NAME.ids.json, and of NAME.mp4")
    add("--documents", metavar="DIR", help="of NAME.json, instead of a run (default: none)")
    add("-o", "--output", metavar="FILE", help="write the figures as JSON (default: none)")
    group = parser.add_argument_group("model")
    add_model(group)
    add_max_side(group)
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _evaluate(given), "nothing was written")


def _evaluate(given: argparse.Namespace) -> int:
    from posecore.evaluation import score_tracks, track_figures, track_table, true_tracks_of, write_json

    check_model(given)
    scores = {}
    for name, truth in true_tracks_of(given.clips).items():
        frames = _read(given.documents, name) if given.documents else _follow(given, name)
        try:
            scores[name] = score_tracks(frames, truth)
        except ValueError as error:
            raise ValueError(f"{name}.json: {error}") from error
    figures = track_figures(scores)
    print(track_table(figures))
    if given.output:
        write_json(given.output, figures)
    return Status.DONE


def _read(folder: str | Path, name: str) -> "list[FramePose]":
    from posecore.formats import read_document

    _, frames = read_document(Path(folder, f"{name}.json"))
    return frames


def _follow(given: argparse.Namespace, name: str) -> "list[FramePose]":
    from posecore.pipeline import process_video
    from posecore.temporary import temporary_folder

    options = Options(
        model_complexity=DEFAULTS.model_complexity if given.model_complexity is None else given.model_complexity,
        model=given.model,
        model_path=given.model_path,
        max_side=given.max_side,
        people=0,
    )
    with temporary_folder() as folder:
        clip = Path(given.clips, f"{name}.mp4")
        process_video(clip, json=folder / f"{name}.json", options=options, progress=True)
        return _read(folder, name)
