"""`posecore export`: a document as another program's file."""

from collections.abc import Sequence

from posecore.cli.messages import guarded
from posecore.cli.parser import Parser
from posecore.cli.status import Status


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "IN.json --to FORMAT -o PATH",
        "Write what a document holds as a file of another program's format.",
        "docs/command.md says what each format holds; a wrong name lists them.",
    )
    add = parser.add_argument
    add("document", metavar="IN.json", help="a document of posecore run or batch")
    add("--to", required=True, metavar="FORMAT", help="such as mot")
    add("-o", "--output", required=True, metavar="PATH", help="file to write")
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _export(given.document, given.to, given.output), "nothing was written")


def _export(document: str, to: str, output: str) -> int:
    from posecore.formats import export_document

    export_document(document, to, output)
    return Status.DONE
