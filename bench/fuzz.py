"""Broken files of every kind that is read: each must be done or refused in one line, in time, with nothing left behind.

The same seed gives the same inputs. What falls is kept in --keep, with the number by which --only makes it again.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from fuzz_commands import COMMANDS, KINDS, VIDEOS
from fuzz_mutations import broken
from fuzz_seeds import find_seeds
from fuzz_videos import Seed

from posecore.assets import fetch
from posecore.evaluation import machine
from posecore.files import replacing

SECONDS = 20  # of the processor, so that a busy machine changes nothing
WAITING = 10 * SECONDS  # of the clock: what does not end at all
MEGABYTES = 1000
ROOM = 8 << 30  # bytes of addresses: protects the machine
# Lines before the one that refuses: by an evaluation, which goes on; what a network of the user's own is; notes.
SAID = re.compile(r"posecore: skipped: |posecore \w+: .*: top-down, |posecore [\w ]+: (note|warning): ")
OLD = b"of before"  # content of the outputs
# Imported once and not by every child. None of them starts a thread.
PRELOADED = (
    "posecore.pipeline",
    "posecore.evaluation.page",
    "posecore.evaluation.plots",
    "posecore.evaluation.predict",
    "posecore.batch.process",
    "posecore.models.blazepose.openvino_landmarker",
    "posecore.models.blazepose.mediapipe_landmarker",
    "posecore.models.movenet.movenet",
    "posecore.models.topdown.topdown",
    "posecore.models.person_finder",
    "posecore.cli.export",
    "posecore.cli.run",
    "posecore.cli.live",
    "posecore.cli.tracks",
    "posecore.cli.smooth",
    "posecore.viewer.view",
    "posecore.evaluation.track_report",
    "trackeval",
    "posecore.tracking",
    "posecore.cli.evaluate",
    "pycocotools.cocoeval",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
)

ENDS = ("done", "refused", "fell")
Judged = tuple[int, str, int, str]  # number and kind of a case, exit status, why it falls
Counted = Counter[tuple[str, str]]  # kind, one of ENDS


@dataclass(frozen=True)
class Case:
    """A broken file. outputs: what the command writes, of which older ones are there. kind: one of KINDS."""

    number: int
    seed: Seed
    content: bytes
    done: str
    command: Callable[[], int]
    outputs: tuple[str, ...]
    kind: str = ""


def make_case(seeds: list[Seed], seed: int, number: int, kinds: Mapping[str, int] = KINDS) -> Case:
    """The input of this number. kinds: how often each comes."""
    rng = random.Random(f"{seed} {number}")
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    same = [each for each in seeds if each.kind == ("video" if kind in VIDEOS else kind)]
    chosen = rng.choice(same)
    content, done = broken(chosen, same, rng)
    command, outputs = COMMANDS[kind](chosen.name, rng)
    return Case(number, chosen, content, done, command, outputs, kind)


def judge(case: Case, work: Path) -> tuple[int, str]:
    """The exit status of a case, and why it falls; nothing when it does not. work: the folder that all share."""
    with tempfile.TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        files = case.seed.beside | {case.seed.name: case.content} | dict.fromkeys(case.outputs, OLD)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        (folder / "tmp").mkdir()
        process = os.fork()
        if not process:
            _be_child(case, folder)
        _, ended, used = os.wait4(process, 0)
        status = os.waitstatus_to_exitcode(ended)
        return status, _reason(case, folder, files, status, used)


def _be_child(case: Case, folder: Path) -> None:
    """Run the command of a case as a process of its own does."""
    status = 1
    try:
        os.chdir(folder)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
        for number in (1, 2):
            os.dup2(os.open(f"tmp/{number}", os.O_WRONLY | os.O_CREAT), number)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
        signal.alarm(WAITING)
        try:
            status = case.command()
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else 1
        except BaseException:
            traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _reason(case: Case, folder: Path, files: dict[str, bytes], status: int, used: Any) -> str:
    told = (folder / "tmp/2").read_text(errors="replace")
    if status == -signal.SIGALRM or status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"takes more than {SECONDS} s"
    if status not in (0, 2):
        return f"status {status}: {told[-1500:]}"
    if status == 2 and len([line for line in told.splitlines() if not SAID.match(line)]) != 1:
        return f"refused in {told.count(chr(10))} lines: {told[:1500]}"
    if status == 2 and not any(file in told for file in (*files, "results.json")):
        return f"refused without a name: {told[:500]}"
    if strange := [line for line in told.splitlines() if not line.startswith("posecore")]:
        return f"said on stderr: {strange[0][:500]}"
    if "not enough memory" in told or used.ru_maxrss / 1000 > MEGABYTES:
        return f"takes {used.ru_maxrss / 1000:.0f} MB"
    return _left(folder, files, case, status)


def _left(folder: Path, files: dict[str, bytes], case: Case, status: int) -> str:
    """What is there that should not be, or is not as it should be."""
    left = [path.name for path in folder.rglob("*") if path.name.endswith(".part") or path.parent.name == "tmp"]
    if set(left) != {"1", "2"}:
        return f"left {left}"
    kept = set(files) - (set(case.outputs) if status == 0 else set())
    if case.seed.kind in ("manifest", "partial"):  # which are mended
        kept.clear()
    if changed := [name for name in kept if (folder / name).read_bytes() != files[name]]:
        return f"changed {changed}"
    for name in case.outputs if status == 0 else ():
        content = (folder / name).read_bytes()
        if content == OLD or (name.endswith(".json") and not json.loads(content)["frames"]):
            return f"done, and {name} is none"
    return ""


def run(count: range, seed: int, keep: Path, jobs: int, kinds: Mapping[str, int] = KINDS) -> Counted:
    """Judge inputs; how many of each kind were done, refused, and fell, which are printed and kept."""
    found: Counted = Counter()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        os.environ["POSECORE_CACHE"] = str(_cache(work))
        seeds = find_seeds(work)
        for module in PRELOADED:
            import_module(module)
        for number, kind, status, reason in _judged(seeds, seed, count, work, jobs, kinds):
            found[kind, ("done", "refused")[status == 2] if not reason else "fell"] += 1
            if reason:
                case = make_case(seeds, seed, number, kinds)
                kept = keep / f"{number}-{case.seed.name}"
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(case.content)
                print(f"{number}: {case.seed.kind} {case.seed.name}, {case.done}: {reason}", flush=True)
    return found


def _judged(
    seeds: list[Seed], seed: int, count: range, work: Path, jobs: int, kinds: Mapping[str, int]
) -> Iterator[Judged]:
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(partial(_judge_number, seeds, seed, work, kinds), count)


def _judge_number(seeds: list[Seed], seed: int, work: Path, kinds: Mapping[str, int], number: int) -> Judged:
    case = make_case(seeds, seed, number, kinds)
    return number, case.kind, *judge(case, work)


def _cache(work: Path) -> Path:
    """A cache of its own, for every network that can be compiled is kept."""
    cache = work / "cache"
    cache.mkdir()
    for name in ("lite", "demo", "movenet-lightning", "finder"):
        shutil.copy(fetch(name), cache)
    return cache


def main() -> int:
    """Run; the exit status is 1 when anything fell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="inputs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--kinds", help=f"of files, such as video,import (default: all of {', '.join(KINDS)})")
    parser.add_argument("--only", type=int, help="the input of this number alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="inputs at a time (default: cores)")
    parser.add_argument("--keep", type=Path, default=Path("out/fuzz"), help="for what falls (default: %(default)s)")
    parser.add_argument("--results", type=Path, help="text file for the counts of each kind (default: none)")
    options = parser.parse_args()
    numbers = range(options.count) if options.only is None else range(options.only, options.only + 1)
    kinds = {kind: KINDS[kind] for kind in options.kinds.split(",")} if options.kinds else KINDS
    begun = time.monotonic()
    found = run(numbers, options.seed, options.keep, options.jobs, kinds)
    all_of = [sum(count for (_, end), count in found.items() if end == each) for each in ENDS]
    print(f"{len(numbers)} inputs: {', '.join(f'{count} {end}' for count, end in zip(all_of, ENDS, strict=True))}")
    if options.results:
        where = ", ".join(f"{name} {value}" for name, value in machine().items())
        head = f"seed {options.seed}, {time.monotonic() - begun:.0f} s, {options.jobs} at a time; {where}"
        with replacing(options.results) as temporary:
            temporary.write_text(f"{head}\n\n{table(found)}")
    return int(all_of[2] > 0)


def table(found: Counted) -> str:
    """A line for each kind, and one for all."""
    kinds = sorted({kind for kind, _ in found})
    rows = [[kind, *(found[kind, end] for end in ENDS)] for kind in kinds]
    rows.append(["all", *(sum(row[n] for row in rows) for n in (1, 2, 3))])
    return "".join("{:16}{:>8}{:>8}{:>8}\n".format(*row) for row in [["", *ENDS], *rows])


if __name__ == "__main__":
    sys.exit(main())
