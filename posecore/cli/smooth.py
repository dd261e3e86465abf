"""`posecore smooth`: a document whose keypoints are smoothed afterwards."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from posecore.cli.messages import guarded, say
from posecore.cli.parser import Parser, fraction
from posecore.cli.status import Status
from posecore.options import SMOOTHING_CUTOFFS, Smoothing

if TYPE_CHECKING:
    from posecore.pose import FramePose

DEFAULTS = Smoothing()


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "IN.json [options] -o PATH",
        "Write another document in which everyone's keypoints are smoothed, without lag: isolated jumps are taken out, "
        "short gaps filled and marked, and what trembles faster than the cut-off is filtered away.",
        f"Methods: {', '.join(SMOOTHING_CUTOFFS)}. What is missing for longer stays missing. The new document says in "
        "its meta what was done.",
    )
    add = parser.add_argument
    add("document", metavar="IN.json", help="a document of posecore run or batch")
    add("-o", "--output", required=True, metavar="PATH", help="document to write")
    add(
        "--method",
        choices=SMOOTHING_CUTOFFS,
        default=DEFAULTS.method,
        metavar="M",
        help="how to filter (default: %(default)s)",
    )
    add("--cutoff", type=fraction, metavar="HZ", help="what is faster goes (default: 6, one-euro 1)")
    add(
        "--max-gap",
        type=fraction,
        default=DEFAULTS.max_gap,
        metavar="S",
        help="seconds of a gap that is filled (default: %(default)s)",
    )
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _smooth(given, prog), "nothing was written")


def _smooth(given: argparse.Namespace, prog: str) -> int:
    from posecore.formats import change_document
    from posecore.tracking import Smoothed, smooth_frames

    smoothing, done = Smoothing(given.method, given.cutoff, given.max_gap), Smoothed()

    def change(meta: dict[str, Any], frames: "list[FramePose]") -> "tuple[dict[str, Any], Sequence[FramePose]]":
        nonlocal done
        frames, done = smooth_frames(frames, smoothing, (meta["width"], meta["height"]))
        return meta, frames

    cutoff = f" --cutoff {smoothing.cutoff:g}" if smoothing.cutoff else ""
    words = f"smooth --method {smoothing.method}{cutoff} --max-gap {smoothing.max_gap:g}"
    change_document(given.document, given.output, change, lambda: f"{words}: {done}")
    tracks = f"{done.tracks} track{'s' * (done.tracks != 1)}"
    say(prog, f"{given.document}: {tracks}, {done} -> {given.output}")
    return Status.DONE
