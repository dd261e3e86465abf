"""What the scripts have in common: arguments of a data set, and how they are run."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from posecore.cli.messages import guarded, listen_to_signals
from posecore.cli.parser import Parser

ALONE = Path(sys.argv[0]).resolve().parent == Path(__file__).resolve().parent  # not called by another program
if ALONE:
    listen_to_signals()  # before what else is imported, which takes a while


def add_dataset(parser: Parser, ids: str | None = None, images: bool = True) -> None:
    """--annotations, and --images and --ids where they are wanted; `ids` is the help of the last."""
    parser.add_argument("--annotations", required=True, metavar="A.json", help="COCO person keypoint annotations")
    if images:
        parser.add_argument("--images", required=True, metavar="DIR", help="folder of their pictures")
    if ids:
        parser.add_argument("--ids", metavar="FILE", help=ids)


def run(
    script: Callable[[argparse.Namespace], None], parser: Parser, arguments: list[str] | None, when_stopped: str
) -> int:
    """Run a script: 0, or 2 with one line when the input is wrong; `when_stopped` is said when it is interrupted."""
    end = None if ALONE else listen_to_signals()
    try:
        options = parser.parse_args(arguments)
        return guarded(parser.prog, lambda: script(options) or 0, when_stopped)
    finally:
        if end:
            end()
