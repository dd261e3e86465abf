"""What is done with a broken file of each kind, and how often each kind comes."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fuzz_seeds import ANOTHER, FOOTAGE

from posecore.cli import main as posecore
from posecore.cli.messages import guarded
from posecore.formats import FORMATS
from posecore.options import BACKGROUNDS, SMOOTHING_CUTOFFS, Options

Command = tuple[Callable[[], int], tuple[str, ...]]  # and what it writes

KINDS = {
    "video": 60,
    "segment": 8,
    "live": 8,
    "model": 16,
    "finder": 3,
    "document": 20,
    "import": 20,
    "annotations": 7,
    "results": 7,
    "tracks": 3,
    "picture": 4,
    "manifest": 2,
    "partial": 2,
}
VIDEOS = ("video", "segment", "live")  # whose seeds are the same
FOLDERS = ("openpose", "openpose-17", "trc")  # which are one, or a file for each person


def _video(name: str, rng: random.Random) -> Command:
    output = f"out{rng.choice(('.mp4', '.mp4', '.mov', '.mkv', '.webm'))}"
    words = [name, "-o", output, "--json", "out.json", "--model-complexity", "0", *(["--landmarks"] * rng.randrange(2))]
    return partial(posecore, ["run", *words]), (output, "out.json")


def _live(name: str, rng: random.Random) -> Command:
    """A file, from which nothing may be lost. What it writes stays as far as it came."""
    words = ["--url", name, "--json", "out.jsonl", "--model-complexity", "0"]
    return partial(posecore, ["live", *words, *(["-o", "out.mkv"] * rng.randrange(2))]), ()


def _segment(name: str, rng: random.Random) -> Command:
    start, length = rng.choice((0, 1, 300, 10**6)), rng.choice((None, 1, 400))
    return _read(lambda: _cut(name, start, None if length is None else start + length), ("out.mp4", "out.json"))


def _cut(name: str, start_ms: int, end_ms: int | None) -> None:
    """What a batch does with a long video."""
    from posecore.batch.long_videos import LongVideos
    from posecore.batch.manifest import Record
    from posecore.batch.task import Task
    from posecore.pipeline import process_video
    from posecore.video import Segment

    task = Task(name, "out.mp4", "out.json", Record("out", name, 1, "", "", ()))
    LongVideos(Path(), 0.001).queue([task])
    process_video(name, "out.mp4", "out.json", Options(model_complexity=0), segment=Segment(start_ms, end_ms))


def _model(name: str, rng: random.Random) -> Command:
    outputs = ("out.json", *(["out.mp4"] * rng.randrange(2)))
    words = ["../person.mp4", "--json", "out.json", "--model-path", name.replace(".bin", ".json")]
    words += ["-o", "out.mp4"] * (len(outputs) - 1)
    words += ["--engine", rng.choice(("openvino", "mediapipe")) if name.endswith(".task") else "openvino"]
    return partial(posecore, ["run", *words]), outputs


def _find(name: str) -> None:
    import numpy as np

    from posecore.models.person_finder import PersonFinder

    with PersonFinder(name) as finder:
        finder(np.zeros((80, 96, 3), np.uint8))


def _document(name: str, rng: random.Random) -> Command:
    """The broken one, or in `view` a sound one beside it, comes first."""
    with_video = ["--video", FOOTAGE] if rng.random() < 0.5 else ["--no-video"]
    method = rng.choice([name for name, cutoff in SMOOTHING_CUTOFFS.items() if cutoff])
    background = rng.choice(BACKGROUNDS)
    words, output = rng.choice((
        (["tracks", "swap", name, "1", "2"], "out.json"),
        (["tracks", "merge", name, "1", "2"], "out.json"),
        (["tracks", "drop", name, "1"], "out.json"),
        (["smooth", name, "--cutoff", "2", "--method", method], "out.jsonl"),
        (["smooth", name, "--cutoff", "2", "--max-gap", "1"], "out.json"),
        (["draw", name, "--input", FOOTAGE, "--background", background], "out.mp4"),
        (["view", name, *with_video], "out.html"),
        (["view", name, "--with", ANOTHER], "out.html"),
        (["view", ANOTHER, "--with", name], "out.html"),
        (["tracks", name], ""),
        *[(["export", name], "")] * 3,
    ))  # fmt: skip
    if words[0] == "export":
        kind = rng.choice(list(FORMATS))
        output = "" if kind in FOLDERS else "out.txt"
        words += ["--to", kind, *(["--person-height", "1.7"] if kind == "trc" else []), "-o", output or "out"]
    elif output:
        words += ["-o", output]
    return partial(posecore, words), (output,) if output else ()


def _import(name: str, rng: random.Random) -> Command:
    facts = ["--video", FOOTAGE] if rng.random() < 0.3 else ["--size", "96x64", "--fps", "10"]
    return partial(posecore, ["import", name, *facts, "-o", "out.json"]), ("out.json",)


def _evaluate(name: str, rng: random.Random) -> Command:
    words = ["--annotations", "annotations.json", "--images", ".", "-o", "out", "--model-complexity", "0"]
    return partial(posecore, ["evaluate", *words]), ()


def _tracks(name: str, rng: random.Random) -> Command:
    return partial(posecore, ["evaluate", "tracks", "--clips", ".", "--documents", "."]), ()


def _read(read: Callable[[], None], outputs: tuple[str, ...] = ()) -> Command:
    """What has no command of its own."""
    return lambda: guarded("posecore", lambda: read() or 0, "nothing was written"), outputs


def _score() -> None:
    from posecore.evaluation import score_results

    score_results("truth.json", "results.json", report="report.json", html="report.html")


def _partial_run() -> None:
    from posecore.evaluation.run_files import PartialRun

    with PartialRun("r.json", {"model": {"name": "lite"}}):
        pass


def _manifest() -> None:
    from posecore.batch.manifest import Manifest

    Manifest(Path())


COMMANDS: dict[str, Callable[[str, random.Random], Command]] = {
    "video": _video,
    "segment": _segment,
    "live": _live,
    "model": _model,
    "finder": lambda name, _: _read(lambda: _find(name)),
    "document": _document,
    "import": _import,
    "annotations": _evaluate,
    "picture": _evaluate,
    "results": lambda *_: _read(_score),
    "tracks": _tracks,
    "manifest": lambda *_: _read(_manifest),
    "partial": lambda *_: _read(_partial_run),
}
