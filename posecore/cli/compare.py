"""`posecore compare`: which setting is good enough on these videos, on this machine."""

import argparse
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from posecore.cli.messages import guarded, one_line, say
from posecore.cli.parser import Parser, add_engine, add_threads, people, positive, whole_number
from posecore.cli.status import Status
from posecore.cli.stretch import add_stretch, stretch
from posecore.files import replacing
from posecore.options import DEFAULTS, Options

if TYPE_CHECKING:
    from posecore.comparison import Comparison, Row

Item = TypeVar("Item")
HEADS = ("ms", "95 %", "rounds", "frames/s", "person", "jitter", "jumps", "OKS", "one sees", "MB")


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "VIDEO… [--models A,B] [-o compare.html] [options]",
        "Run several models over the same parts of your videos, in turn: how long each takes, how steady it is, "
        "how far it agrees with the strongest, and which to take.",
        "Close other programs before: the times are of this machine as it is.",
    )
    add = parser.add_argument
    add("videos", metavar="VIDEO", nargs="+", help="video files")
    add("--json", metavar="PATH", help="write the figures as JSON (default: none)")
    add("-o", "--output", metavar="PATH", help="write an HTML page (default: none)")
    settings = parser.add_argument_group("settings")
    add = settings.add_argument
    add(
        "--models",
        type=_several(str),
        default=[],
        metavar="A,B",
        help="names or files (default: all of posecore models)",
    )
    add(
        "--max-side",
        type=_several(whole_number(0)),
        default=[DEFAULTS.max_side],
        metavar="N,M",
        help=f"longer sides at inference, 0 = all (default: {DEFAULTS.max_side})",
    )
    add_engine(settings)
    add("--people", type=people, default=DEFAULTS.people, metavar="N", help="to follow at most, or all (default: 1)")
    add("--no-download-model", action="store_true", help="only models that are there (default: off)")
    add_threads(settings)
    add("--budget-ms", type=positive, metavar="MS", help="for the inference of a frame (default: none)")
    add_stretch(parser).add_argument(
        "--sample", type=positive, metavar="S", help="seconds of each video, spread (default: 20)"
    )
    return parser


def _several(convert: Callable[[str], Item]) -> Callable[[str], list[Item]]:
    """The type of an argument that is a list with commas."""
    return lambda text: [convert(part.strip()) for part in text.split(",") if part.strip()]


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _compare(given, prog), "nothing was written")


def _compare(given: argparse.Namespace, prog: str) -> int:
    start, end = stretch(given)
    outputs = _outputs(given)
    options = Options(
        engine=given.engine,
        people=given.people,
        download_model=not given.no_download_model,
        device=given.device,
        threads=given.threads,
    )
    from posecore.comparison import SAMPLE_SECONDS, compare_settings, cut_pieces, find_candidates, make_page
    from posecore.evaluation import write_json
    from posecore.pipeline import check_first_use

    pieces = cut_pieces(map(Path, given.videos), start, end, given.sample or SAMPLE_SECONDS)
    candidates, left_out = find_candidates(given.models, given.max_side, options)
    for line in left_out:
        say(prog, f"note: {line}")
    for candidate in candidates:
        check_first_use(candidate.options, given.videos[0])
    with ExitStack() as stack:
        places = {name: stack.enter_context(replacing(path)) for name, path in outputs.items()}
        comparison = compare_settings(candidates, pieces, given.budget_ms)
        if "page" in places:
            places["page"].write_text(make_page(comparison), encoding="utf-8")
        if "JSON" in places:
            write_json(places["JSON"], comparison.record())
    print("\n".join(_table(comparison)), flush=True)
    if outputs:
        say(prog, f"{', '.join(given.videos)} -> {', '.join(outputs.values())}")
    return Status.DONE


def _outputs(given: argparse.Namespace) -> dict[str, str]:
    """What is written, by what it is; ValueError when two are one file, or one is a video."""
    outputs = {name: path for name, path in (("page", given.output), ("JSON", given.json)) if path}
    taken = {os.path.realpath(video): "a video" for video in given.videos}
    for name, path in outputs.items():
        real = os.path.realpath(path)
        if real in taken:
            raise ValueError(f"{path}: cannot be the {name}, it is {taken[real]} already; name another file")
        taken[real] = f"the {name}"
    return outputs


def _table(comparison: "Comparison") -> list[str]:
    rows = [_cells(comparison, row) for row in comparison.rows]
    table = [("", *HEADS), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]
    best, rounds = comparison.strongest, len({piece.round for piece in comparison.pieces})
    why = f", the strongest by its AP of {best.candidate.ap:.3f} on COCO" if best.candidate.ap is not None else ""
    return [
        *lines,
        f"* no other is both quicker and nearer to {best.label}{why}. OKS: agreement with it.",
        f"{comparison.frames} frames in {rounds} round{'s' * (rounds != 1)}; the rounds' medians differ by up to "
        f"{comparison.unsteadiness:.0%}. Frames in which only one of both sees somebody ('one sees') count as OKS 0.",
        one_line(comparison.advice),
    ]


def _cells(comparison: "Comparison", row: "Row") -> tuple[str, ...]:
    low, high = row.rounds_ms
    return (
        f"{'*' if row in comparison.front else ' '} {one_line(row.label)}",
        f"{row.ms:.1f}",
        f"{row.p95_ms:.1f}",
        f"{low:.1f}–{high:.1f}",
        _number(row.frames_per_second, 1),
        f"{row.with_person:.1%}",
        _number(row.jitter, 1),
        str(row.jumps),
        "strongest" if row is comparison.strongest else _number(row.agreement, 3),
        f"{row.seen_by_one:.1%}",
        f"{row.candidate.megabytes:.1f}",
    )


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
