"""`posecore evaluate tracks`: who is who in documents, measured against the true ids of their clips."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from posecore.cli.messages import guarded
from posecore.cli.parser import Parser
from posecore.cli.status import Status


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "--clips DIR --documents DIR [-o FILE]",
        "Compare the people of documents with the true ids of their clips: recall, changes of identity, IDF1, HOTA.",
        "eval/README.md says what they are.",
    )
    add = parser.add_argument
    add("--clips", required=True, metavar="DIR", help="folder of NAME.ids.json, the truth")
    add("--documents", required=True, metavar="DIR", help="folder of NAME.json, what was found")
    add("-o", "--output", metavar="FILE", help="write the figures as JSON (default: none)")
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _evaluate(given), "nothing was written")


def _evaluate(given: argparse.Namespace) -> int:
    from posecore.evaluation import score_tracks, track_figures, track_table, true_tracks_of, write_json
    from posecore.formats import read_document

    scores = {}
    for name, truth in true_tracks_of(given.clips).items():
        document = Path(given.documents) / f"{name}.json"
        _, frames = read_document(document)
        try:
            scores[name] = score_tracks(frames, truth)
        except ValueError as error:
            raise ValueError(f"{document}: {error}") from error
    figures = track_figures(scores)
    print(track_table(figures))
    if given.output:
        write_json(given.output, figures)
    return Status.DONE
