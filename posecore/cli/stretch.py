"""The arguments that say which stretch of a video is meant."""

import argparse
import math
import re

from posecore.options import DEFAULTS


def seconds(text: str) -> float:
    """The type of an argument that is a time: seconds, mm:ss or hh:mm:ss, each with a fraction if need be."""
    found = re.fullmatch(r"(?:(?:([0-9]+):)?([0-9]+):)?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)", text)
    hours, minutes, rest = (float(part or 0) for part in found.groups()) if found else (0.0, 0.0, math.inf)
    if not found or (found[2] and rest >= 60) or (found[1] and minutes >= 60) or not math.isfinite(rest + hours):
        raise argparse.ArgumentTypeError(f"seconds or hh:mm:ss are wanted, such as 90.5 or 0:01:30.5, got {text}")
    return 3600 * hours + 60 * minutes + rest


def add_stretch(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """--start, and --end or --duration; `stretch` reads them."""
    group = parser.add_argument_group("a stretch of the video")
    group.add_argument("--start", type=seconds, metavar="T", help="seconds or hh:mm:ss.mmm (default: the beginning)")
    ends = group.add_mutually_exclusive_group()
    ends.add_argument("--end", type=seconds, metavar="T", help="frames before this time (default: the end)")
    ends.add_argument("--duration", type=seconds, metavar="T", help="the same, from the start on (default: the rest)")
    return group


def stretch(given: argparse.Namespace) -> tuple[float, float | None]:
    """Start and end in seconds, None for the end of the video; ValueError when nothing is between them."""
    start = given.start or DEFAULTS.start
    if given.duration is not None and not given.duration > 0:
        raise ValueError(f"--duration {given.duration:g}: give more than 0 seconds")
    if given.end is not None and not given.end > start:
        raise ValueError(f"--end {given.end:g} s: is not after --start {start:g} s; give a later one")
    return start, given.end if given.duration is None else start + given.duration
