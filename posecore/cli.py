"""The command: arguments, messages, exit status. Nothing heavy is imported before the arguments are read."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

from posecore.options import CRF, DEFAULTS, DELEGATES, ENGINES, PRESETS, Options

BAD_INPUT = 2
STATUS_OF_SIGNAL: dict[int, int] = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it in one line, without the usage."""
        self.exit(BAD_INPUT, f"{self.prog}: error: {message}\n")


def make_parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    parser = Parser(
        description="Draw the COCO-17 skeleton of a person onto a video and write the keypoints as JSON.",
        epilog="Give --output, --json or both. Exit status: 0 done, 2 bad usage or bad input, 1 internal failure. "
        "Many videos: see run.py batch --help.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--input", metavar="PATH", required=True, help="a video file (required)")
    add("--output", metavar="PATH", help="annotated video: .mp4, .mov, .mkv or .webm (default: none)")
    add("--json", metavar="PATH", help="keypoints of every frame (default: none)")
    add_options(parser)
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """The arguments that become Options."""
    add = parser.add_argument
    add(
        "--max-side",
        metavar="N",
        type=int,
        default=DEFAULTS.max_side,
        help="downscale frames so that max(height, width) <= N before inference; 0 = off (default: %(default)s)",
    )
    add(
        "--min-score",
        metavar="S",
        type=float,
        default=DEFAULTS.min_score,
        help="draw only keypoints and edges at or above S; the JSON has all of them (default: %(default)s)",
    )
    add(
        "--model-complexity",
        type=int,
        choices=(0, 1, 2),
        help=f"0 lite, 1 full, 2 heavy (default: {DEFAULTS.model_complexity})",
    )
    add("--model-path", metavar="FILE", help="a local .task bundle instead of --model-complexity (default: none)")
    add(
        "--no-download-model",
        action="store_true",
        help="never download a model; it must be cached or given with --model-path (default: off)",
    )
    add("--no-perf-text", action="store_true", help="write no FPS and ms per frame onto the video (default: off)")
    add("--engine", choices=ENGINES, default=DEFAULTS.engine, help="what runs the model (default: %(default)s)")
    add("--delegate", choices=DELEGATES, default=DEFAULTS.delegate, help="where it runs (default: %(default)s)")
    add("--threads", metavar="N", type=int, help="cores to use (default: all that are available)")
    add(
        "--jobs",
        metavar="N",
        type=int,
        default=DEFAULTS.jobs,
        help="cut the video into segments and work on N of them side by side, for many cores (default: %(default)s)",
    )
    crf = f"{CRF['libx264']}, and {CRF['libvpx-vp9']} for .webm"
    add("--crf", metavar="N", type=int, help=f"quality of the video, from 0, best, to 51 (default: {crf})")
    add(
        "--preset",
        choices=PRESETS,
        default=DEFAULTS.preset,
        metavar="P",
        help=f"of x264, {PRESETS[0]} and large to {PRESETS[-1]} and small (default: %(default)s)",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nothing here multiplies large matrices, and its threads spin
    for number in STATUS_OF_SIGNAL:
        signal.signal(number, _stop)
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["batch"]:
        from posecore import batch_cli

        return batch_cli.main(arguments[1:])
    parser = make_parser()
    given = parser.parse_args(arguments)
    return guarded(parser.prog, lambda: _run(given, parser.prog), "nothing was written")


def guarded(prog: str, run: Callable[[], int], when_stopped: str) -> int:
    """The exit status of a run; what is wrong with its input, and that it was stopped, is said in one line."""
    try:
        return run()
    except (Exception, KeyboardInterrupt) as error:
        if _signals:  # in the middle of an import it comes as another error
            say(prog, f"interrupted; {when_stopped}")
            return STATUS_OF_SIGNAL[_signals[0]]
        if not isinstance(error, ValueError | OSError):
            raise
        say(prog, f"error: {explain(error)}")
        return BAD_INPUT


def _run(given: argparse.Namespace, prog: str) -> int:
    options = make_options(given)
    if given.model_path and given.model_complexity is not None:
        say(prog, "note: --model-complexity is ignored, --model-path names the model")

    from posecore.pipeline import process_video

    gc.freeze()  # what is imported stays: there is no use in looking through it again and again
    summary = process_video(given.input, given.output, given.json, options, progress=True)
    for warning in summary.warnings:
        say(prog, f"warning: {warning}")
    say(prog, f"{given.input}: {summary} -> {', '.join(filter(None, (given.output, given.json)))}")
    return 0


def make_options(given: argparse.Namespace) -> Options:
    """Options from the arguments of `add_options`."""
    return Options(
        engine=given.engine,
        model_complexity=DEFAULTS.model_complexity if given.model_complexity is None else given.model_complexity,
        model_path=given.model_path,
        download_model=not given.no_download_model,
        delegate=given.delegate,
        max_side=given.max_side,
        min_score=given.min_score,
        perf_text=not given.no_perf_text,
        threads=given.threads,
        jobs=given.jobs,
        crf=given.crf,
        preset=given.preset,
    )


_signals: list[int] = []


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    _signals.append(number)
    sys.unraisablehook = lambda _: None  # an object that is half made now complains when it is freed
    raise KeyboardInterrupt


def explain(error: ValueError | OSError) -> str:
    """An error as the user is told of it."""
    if isinstance(error, OSError) and error.filename is not None:
        cure = "check its permissions" if isinstance(error, PermissionError) else "check the path"
        return f"{error.filename}: {error.strerror}; {cure}"
    return str(error)


def say(prog: str, message: str) -> None:
    """Print a line on stderr."""
    print(f"{prog}: {' '.join(message.split())}", file=sys.stderr)
