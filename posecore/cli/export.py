"""`posecore export`: a document as another program's file."""

import argparse
from collections.abc import Sequence

from posecore.cli.messages import guarded, say
from posecore.cli.parser import Parser, check_word, positive
from posecore.cli.status import Status


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "IN.json --to FORMAT -o PATH [options]",
        "Write what a document holds as a file of another program's format.",
        "docs/formats.md says what each format holds; a wrong name lists them.",
    )
    add = parser.add_argument
    add("document", metavar="IN.json", help="a document of posecore run or batch")
    add("--to", required=True, metavar="FORMAT", help="such as coco, openpose, csv or trc")
    add("-o", "--output", required=True, metavar="PATH", help="file to write; of openpose a folder")
    add("--metres-per-pixel", type=positive, metavar="M", help="trc: the scale of the picture (default: none)")
    add("--person-height", type=positive, metavar="M", help="trc: metres; the scale from it (default: none)")
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _export(given, prog), "nothing was written")


def _export(given: argparse.Namespace, prog: str) -> int:
    from posecore.formats import FORMATS, export_document

    check_word(given.to, list(FORMATS), "format")
    scale = {"metres_per_pixel": given.metres_per_pixel, "person_height": given.person_height}
    options = {name: value for name, value in scale.items() if value is not None}
    for warning in export_document(given.document, given.to, given.output, **options):
        say(prog, f"warning: {warning}")
    return Status.DONE
