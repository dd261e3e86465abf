"""`posecore batch`: arguments, progress, the table of failures."""

import argparse
import sys
import time
from collections.abc import Sequence

from tqdm import tqdm

from posecore.batch import Progress, Record, Result, Runner, local_runner, process_videos, ray_runner
from posecore.cli.messages import guarded, one_line, say, say_kind
from posecore.cli.parser import Parser, add_options, make_options, whole_number
from posecore.cli.status import Status
from posecore.models import find_model

LINE_EVERY = 30  # seconds, when stderr is not a terminal


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "--input WHAT --output-dir OUT [options]",
        "Do many videos: OUT/NAME.mp4 and .json for each, nothing twice.",
    )
    batch = parser.add_argument_group("batch")
    add = batch.add_argument
    add("--input", metavar="WHAT", required=True, help="a folder, a pattern in quotes, or a list of paths")
    add("--output-dir", metavar="OUT", required=True, help="folder of the results and of manifest.jsonl")
    add("--no-video", action="store_true", help="write no annotated videos (default: off)")
    add("--no-json", action="store_true", help="write no JSON (default: off)")
    add("--workers", metavar="N", type=whole_number(1), help="videos at a time (default: one per core)")
    add("--ray", metavar="ADDRESS", nargs="?", const="local", help="a Ray cluster; alone: one here (default: off)")
    add("--segment-minutes", metavar="M", type=float, help="cut videos longer than M minutes (default: off)")
    add("--retry-failed", action="store_true", help="try again what failed before (default: off)")
    add_options(parser)
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _run(given, prog), "the same command goes on where it stopped")


def _run(given: argparse.Namespace, prog: str) -> int:
    options = make_options(given)
    model = find_model(options.model_complexity, options.model, options.model_path, options.engine)
    say_kind(prog, model, options.model_path, options.threads or 1)
    with _Bars() as progress:
        result = process_videos(
            given.input,
            given.output_dir,
            options,
            video=not given.no_video,
            json=not given.no_json,
            retry_failed=given.retry_failed,
            segment_minutes=given.segment_minutes,
            run=_runner(given),
            progress=progress,
        )
    return _report(prog, result, given.output_dir)


def _runner(given: argparse.Namespace) -> Runner:
    if given.ray is None:
        return local_runner(given.workers)
    return ray_runner(None if given.ray == "local" else given.ray, given.workers)


def _report(prog: str, result: Result, out: str) -> int:
    frames = sum(record.frames for record in result.done)
    good = sum(not record.error for record in result.done)
    for record in result.done:
        for warning in record.warnings:
            say(prog, f"warning: {warning}")
    say(
        prog,
        f"{good} videos done ({frames} frames), {result.skipped} done before, {len(result.failed)} failed -> {out}",
    )
    if not result.failed:
        return Status.DONE
    names = [one_line(record.name) for record in result.failed]
    width = max(map(len, names))
    for name, record in zip(names, result.failed, strict=True):
        print(f"  {name:{width}}  {one_line(record.error or '')}", file=sys.stderr)
    return Status.SOME_FAILED


class _Bars(Progress):
    """Two bars on a terminal, videos and frames of all workers; else a line every 30 s."""

    def __init__(self) -> None:
        self._videos = self._failed = self._done = self._frames = 0
        self._started = self._said = time.monotonic()

    def __enter__(self) -> "_Bars":
        return self

    def begin(self, videos: int) -> None:
        self._videos = videos
        self._bar = tqdm(total=videos, unit="video", position=0, disable=None)
        self._frame_bar = tqdm(unit="frame", position=1, disable=None)

    def frames(self, count: int) -> None:
        self._frames += count
        self._frame_bar.update(count)
        self._say_now_and_then()

    def finished(self, record: Record) -> None:
        self._done += 1
        self._failed += bool(record.error)
        self._bar.update()
        self._say_now_and_then()

    def _say_now_and_then(self) -> None:
        now = time.monotonic()
        if not self._bar.disable or now - self._said < LINE_EVERY:
            return
        self._said = now
        rate = self._frames / (now - self._started)
        failed = f", {self._failed} failed" if self._failed else ""
        print(f"{self._done} of {self._videos} videos{failed}, {rate:.1f} frames/s", file=sys.stderr, flush=True)

    def __exit__(self, *error: object) -> None:
        for bar in ("_frame_bar", "_bar"):
            if hasattr(self, bar):
                getattr(self, bar).close()
