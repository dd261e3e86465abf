"""What the scripts have in common: usage errors in one line, types of arguments, exit status."""

import argparse
import math
import sys
from collections.abc import Callable
from typing import NoReturn

BAD_INPUT, INTERRUPTED = 2, 130


class Parser(argparse.ArgumentParser):
    """Says a usage error in one line; the options that every script on a data set has are added by `add_dataset`."""

    def error(self, message: str) -> NoReturn:
        """One line, without the usage."""
        self.exit(BAD_INPUT, f"{self.prog}: error: {message}\n")

    def add_dataset(self, ids: str | None = None, images: bool = True) -> None:
        """--annotations, and --images and --ids where they are wanted; `ids` is the help of the last."""
        self.add_argument("--annotations", required=True, metavar="A.json", help="COCO person keypoint annotations")
        if images:
            self.add_argument("--images", required=True, metavar="DIR", help="folder of their pictures")
        if ids:
            self.add_argument("--ids", metavar="FILE", help=ids)


def whole_number(least: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number, `least` or more."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"a whole number of at least {least} is wanted, got {text}")
        return value

    return convert


def fraction(text: str) -> float:
    """The type of an argument that is a finite number, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"a number of at least 0 is wanted, got {text}")
    return value


def run(script: Callable[[argparse.Namespace], None], options: argparse.Namespace, prog: str, stopped: str) -> int:
    """Run a script: 0, or 2 with one line when the input is wrong, 130 when interrupted; `stopped` says what then."""
    try:
        script(options)
    except (OSError, ValueError) as error:
        print(f"{prog}: error: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(f"{prog}: interrupted; {stopped}", file=sys.stderr)
        return INTERRUPTED
    return 0
