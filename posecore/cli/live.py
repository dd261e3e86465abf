"""`posecore live`: a camera or a stream, while it goes on."""

import argparse
import gc
import math
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING

from posecore.cli.messages import ended_by_signal, guarded, one_line, say, say_kind, say_whose_face
from posecore.cli.parser import Parser, add_options, fraction, make_options, positive
from posecore.cli.status import Status
from posecore.cli.stretch import seconds
from posecore.options import RETRY, STALL

if TYPE_CHECKING:
    from posecore.options import Options
    from posecore.video import LiveInput


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        f"--camera N | --url URL | --stdin [options]\n{'':7}{prog} --list",
        "Find keypoints in a camera's pictures or a stream while it goes on, never late: what is too slow misses "
        "frames. Ctrl-C, or q in the window, ends it.",
    )
    source = parser.add_argument_group("source").add_mutually_exclusive_group(required=True)
    source.add_argument("--camera", metavar="N", help="a camera's number or name")
    source.add_argument("--url", metavar="URL", help="rtsp://, rtmp://, http://, udp://, …, or a file")
    source.add_argument("--stdin", action="store_true", help="standard input, such as MPEG-TS (default: off)")
    source.add_argument("--list", action="store_true", help="name the cameras and end (default: off)")
    live = parser.add_argument_group("live")
    live.add_argument("--show", action="store_true", help="a window; q closes it (default: off)")
    live.add_argument("-o", "--output", metavar="PATH", help="what is shown; .mkv, .ts, … (default: none)")
    live.add_argument("--json", metavar="PATH", help="JSON Lines, - is standard output (default: none)")
    live.add_argument(
        "--duration", dest="lasting", type=seconds, metavar="T", help="seconds after which it ends (default: never)"
    )
    live.add_argument(
        "--retry",
        type=fraction,
        default=RETRY,
        metavar="S",
        help="seconds to seek a lost source (default: %(default)s)",
    )
    live.add_argument(
        "--stall",
        type=positive,
        default=STALL,
        metavar="S",
        help="seconds of silence: it is lost (default: %(default)s)",
    )
    add_options(parser, live=True)
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    parser = make_parser(prog)
    given = parser.parse_args(arguments)
    if given.list:
        return guarded(prog, lambda: _list(prog), "run it again")
    if not (given.show or given.output or given.json):
        parser.error("nothing to do: give --show, --output OUT.mkv, --json OUT.jsonl or --json -")
    return guarded(prog, lambda: _run(given, prog), "nothing was written")


def _list(prog: str) -> int:
    from posecore.video import list_cameras

    cameras = list_cameras()
    for camera in cameras:
        print(f"{camera.number}  {one_line(camera.name)}  {camera.address}")
    if not cameras:
        say(prog, "note: there is no camera")
    return Status.DONE


def _run(given: argparse.Namespace, prog: str) -> int:
    options = make_options(given)
    source = _source(given)
    _check_output(given, prog)
    _prepare(options, prog)

    from posecore.pipeline import Window, process_live
    from posecore.video import LiveSource

    with ExitStack() as stack:
        window = stack.enter_context(Window(f"posecore {source.name}")) if given.show else None
        stop = Event()
        opened = LiveSource(
            source, retry=given.retry, stall=given.stall, stop=stop, threads=options.threads,
            tell=lambda message: say(prog, f"note: {message}"),
        )  # fmt: skip
        stack.enter_context(opened)
        stack.enter_context(ended_by_signal(stop.set))
        gc.freeze()  # what is imported stays: there is no use in looking through it again and again
        json = sys.stdout if given.json == "-" else given.json
        summary = process_live(
            opened, given.output, json, options, window=window, duration=given.lasting or math.inf, progress=True
        )
    written = ", ".join(filter(None, (given.output, given.json)))
    say(prog, f"{source.name}: {summary}{f' -> {written}' if written else ''}")
    if summary.lost:
        say(prog, f"error: {source.name}: {summary.lost}; what came before is whole")
        return Status.BAD_INPUT
    return Status.DONE


def _source(given: argparse.Namespace) -> "LiveInput":
    from posecore.video import LiveInput

    if given.stdin:
        return LiveInput("stdin")
    return LiveInput("url", given.url) if given.url else LiveInput("camera", given.camera)


def _check_output(given: argparse.Namespace, prog: str) -> None:
    if not given.output:
        return
    from posecore.video import is_fragile, output_format

    output_format(given.output, live=True)
    if is_fragile(given.output):
        say(prog, f"note: {given.output}: can be played only once it is complete; .mkv and .ts survive a crash")


def _prepare(options: "Options", prog: str) -> None:
    """Have the model here before the source is opened, which does not wait."""
    from posecore.assets import cached
    from posecore.models import fetch_model
    from posecore.pipeline import check_first_use

    model, _ = fetch_model(options)
    check_first_use(options, cached("demo"))
    say_kind(prog, model, options.model_path, options.threads)
    say_whose_face(prog, options)
