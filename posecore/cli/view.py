"""`posecore view`: a page in which a person looks at a result."""

import argparse
import os
from collections.abc import Sequence

from posecore.cli.messages import guarded, say
from posecore.cli.parser import Parser, fraction
from posecore.cli.status import Status


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "IN.json [--video FILE] [--with OTHER.json] [-o view.html]",
        "Write one HTML file that shows the video with the skeletons of a document over it, and a time line of what to "
        "doubt. It needs no server and no network.",
        "Open it in Chromium, Firefox or Safari; ? lists its keys.",
    )
    add = parser.add_argument
    add("document", metavar="IN.json", help="a document of posecore run or batch")
    add("--video", metavar="FILE", help="its video (default: the one it names)")
    add("--no-video", action="store_true", help="the skeletons alone (default: off)")
    add("--with", dest="other", metavar="OTHER.json", help="a second run of the same video (default: none)")
    add(
        "--embed-limit",
        type=fraction,
        metavar="MB",
        help="link to a video that is larger (default: 50)",
    )
    add("-o", "--output", default="view.html", metavar="FILE", help="page to write (default: %(default)s)")
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    parser = make_parser(prog)
    given = parser.parse_args(arguments)
    if given.video and given.no_video:
        parser.error("--video and --no-video exclude each other; give one of them")
    return guarded(prog, lambda: _view(given, prog), "nothing was written")


def _view(given: argparse.Namespace, prog: str) -> int:
    from posecore.viewer import write_view

    limit = {} if given.embed_limit is None else {"embed_limit": given.embed_limit}
    view = write_view(
        given.document, given.output, given.video, given.other, look_for_video=not given.no_video, **limit
    )
    for warning in view.warnings:
        say(prog, f"warning: {warning}")
    parts = [
        _count(view.frames, "frame"),
        "1 person" if view.people == 1 else f"{view.people} people",
        _count(view.doubtful, "doubtful stretch", "es"),
        *([] if view.disagreeing is None else [_count(view.disagreeing, "stretch", "es") + " of disagreement"]),
        view.video,
    ]
    size = os.path.getsize(given.output) / 1e6
    say(prog, f"{given.document}: {', '.join(parts)} -> {given.output} ({size:.1f} MB)")
    return Status.DONE


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else plural}"
