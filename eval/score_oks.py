"""Score keypoint results against COCO annotations; README.md says what the numbers mean."""

import argparse
import sys

import command

from posecore.cli.parser import Parser
from posecore.evaluation import score_results


def score(options: argparse.Namespace) -> None:
    """Read, score, print, and write the reports that are asked for."""
    score_results(options.annotations, options.results, ids=options.ids, report=options.report, html=options.html)


def main(arguments: list[str] | None = None) -> int:
    """Score; the exit status is 2 when the input is wrong."""
    parser = Parser("score_oks.py", "--annotations A.json --results R.json [options]", __doc__)
    command.add_dataset(
        parser,
        ids="image ids to score, one a line; default: those that R.meta.json says were run, else all of A.json",
        images=False,
    )
    parser.add_argument("--results", required=True, metavar="R.json", help="keypoint results in COCO's format")
    parser.add_argument("--report", metavar="REPORT.json", help="write all numbers as JSON")
    parser.add_argument("--html", metavar="REPORT.html", help="write them as one page with plots")
    return command.run(score, parser, arguments, "nothing was written")


if __name__ == "__main__":
    sys.exit(main())
