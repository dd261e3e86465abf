"""`posecore run`, which is also `python run.py`: one video."""

import argparse
import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from posecore.cli.messages import guarded, say, say_kind, say_whose_face
from posecore.cli.parser import Parser, add_options, make_options
from posecore.cli.status import Status

if TYPE_CHECKING:
    from posecore.pipeline import Summary

LONGEST = 240  # bytes of a name that gets `.pose.json` too
MANY_EMPTY = 0.05  # share of frames without a person above which the summary says what may help


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "VIDEO [-o OUT.mp4] [--json OUT.json] [options]",
        "Draw the COCO-17 skeleton of a person onto a video and write the keypoints as JSON. Without -o and --json: "
        "VIDEO.pose.mp4 and .pose.json in this folder.",
    )
    files = parser.add_argument_group("files")
    files.add_argument("video", metavar="VIDEO", nargs="?", help="a video file")
    files.add_argument("--input", metavar="PATH", help="the same; then -o or --json must be given")
    files.add_argument("-o", "--output", metavar="PATH", help=".mp4, .mov, .mkv or .webm (default: none)")
    files.add_argument("--json", metavar="PATH", help="keypoints of every frame (default: none)")
    files.add_argument("--overwrite", action="store_true", help="replace VIDEO.pose.* of before (default: off)")
    add_options(parser)
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    parser = make_parser(prog)
    given = parser.parse_args(arguments)
    if given.video and given.input:
        parser.error(f"two videos are named, {given.video} and {given.input}; give one, or use posecore batch")
    if not given.video and not given.input:
        parser.error("the following arguments are required: --input (or VIDEO)")
    return guarded(prog, lambda: _run(given, prog), "nothing was written")


def _run(given: argparse.Namespace, prog: str) -> int:
    options = make_options(given)
    if given.model_path and given.model_complexity is not None:
        say(prog, "note: --model-complexity is ignored, --model-path names the model")
    output, json = given.output, given.json
    source = given.video or given.input
    if given.input and not output and not json:
        raise ValueError("nothing to write: give -o OUT.mp4, --json OUT.json, or both")
    if given.video and not output and not json:
        output, json = _default_outputs(given.video, given.overwrite)

    say_whose_face(prog, options)

    from posecore.models import find_model

    model = find_model(options.model_complexity, options.model, options.model_path, options.engine)
    say_kind(prog, model, options.model_path, options.threads)

    from posecore.pipeline import check_first_use, process_video

    check_first_use(options, source)
    gc.freeze()  # what is imported stays: there is no use in looking through it again and again
    summary = process_video(source, output, json, options, progress=True)
    for warning in summary.warnings:
        say(prog, f"warning: {warning}")
    finder_helps = not options.search and not model.family.needs_finder
    hints = hints_at(summary, finder_helps) if options.people == 1 else ""
    say(prog, f"{source}: {summary}{hints} -> {', '.join(filter(None, (output, json)))}")
    return Status.DONE


def hints_at(summary: "Summary", finder_helps: bool) -> str:
    """What may make more of a video in which one person was followed. finder_helps: whether --search is not on yet."""
    hints = ""
    if finder_helps and 1 - summary.frames_with_person / summary.frames > MANY_EMPTY:
        hints += "; --search may find more people"
    if summary.jumps:
        times = "once" if summary.jumps == 1 else f"{summary.jumps} times"
        hints += f"; the skeleton went {times} to another place at once, --people all follows everyone"
    return hints


def _default_outputs(video: str, overwrite: bool) -> tuple[str, str]:
    """NAME.pose.mp4 and NAME.pose.json in the current folder; ValueError when one is there and may not be replaced."""
    stem = Path(video).stem
    while len(os.fsencode(stem)) > LONGEST:
        stem = stem[:-1]
    output, json = (f"{stem}.pose.{suffix}" for suffix in ("mp4", "json"))
    for path in (output, json):
        if os.path.lexists(path) and not overwrite:  # a link that leads nowhere yet too
            raise ValueError(f"{path}: is already there; give --overwrite, or name other files with -o and --json")
    return output, json
