"""`posecore draw`: a document over its video."""

import argparse
from collections.abc import Sequence

from posecore.cli.drawing import add_style, add_writing, drawing
from posecore.cli.messages import guarded, say
from posecore.cli.parser import Parser, add_threads
from posecore.cli.status import Status
from posecore.cli.stretch import add_stretch, stretch
from posecore.options import Options


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "IN.json --input VIDEO -o OUT.mp4 [options]",
        "Draw the people of a document onto its video, as posecore run does; no model is run.",
    )
    files = parser.add_argument_group("files")
    files.add_argument("document", metavar="IN.json", help="a document of posecore run or batch")
    files.add_argument("--input", required=True, metavar="VIDEO", help="the video that it is of")
    files.add_argument("-o", "--output", required=True, metavar="PATH", help=".mp4, .mov, .mkv or .webm")
    add_stretch(parser)
    add_style(parser.add_argument_group("what is drawn"))
    written = parser.add_argument_group("what is written")
    add_writing(written)
    add_threads(written)
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _draw(given, prog), "nothing was written")


def _draw(given: argparse.Namespace, prog: str) -> int:
    start, end = stretch(given)
    options = Options(threads=given.threads, start=start, end=end, **drawing(given))

    from posecore.pipeline import draw_video

    for warning in draw_video(given.input, given.document, given.output, options, progress=True):
        say(prog, f"warning: {warning}")
    return Status.DONE
