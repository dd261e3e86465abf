"""Many videos: what is to be done, how one is done, and what came of it all."""

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from posecore import __version__
from posecore.assets import file_sha256, model_file
from posecore.files import remove_leftovers, sweep
from posecore.inputs import Source, find_inputs, local_file, state
from posecore.manifest import Manifest, Record, locked
from posecore.options import Options

ATTEMPTS = 3  # of a video whose worker dies
LOOKS = 16  # inputs that are asked for their size and time at the same time: far away it takes a while


@dataclass(frozen=True)
class Task:
    """One video: its outputs, None when not wanted, and the line that the manifest gets."""

    source: str
    video: str | None
    json: str | None
    record: Record

    @property
    def outputs(self) -> list[str]:
        """Paths of the files to be written."""
        return [path for path in (self.video, self.json) if path]

    def clear(self) -> None:
        """Remove what killed workers left of the outputs."""
        for path in self.outputs:
            remove_leftovers(path)


class Progress:
    """Is told how a batch goes; this one does nothing."""

    def begin(self, videos: int) -> None:
        """So many videos will be done."""

    def frames(self, count: int) -> None:
        """So many more frames are done."""

    def finished(self, record: Record) -> None:
        """A video is done or given up."""


@dataclass(frozen=True)
class Result:
    """What a batch has come to. skipped: videos that were done before; failed: also those of earlier runs."""

    done: list[Record]
    skipped: int
    failed: list[Record]


Runner = Callable[[Sequence[Task], Options, Progress], Iterator[Record]]


def process_videos(
    given: str,
    folder: str | os.PathLike[str],
    options: Options,
    *,
    video: bool = True,
    json: bool = True,
    retry_failed: bool = False,
    run: Runner | None = None,
    progress: Progress | None = None,
) -> Result:
    """Find the keypoints of many videos; what is in the manifest of `folder` and unchanged is not done again.

    given: see `posecore.inputs.find_inputs`. video, json: what is written for each.
    run: how; None is `posecore.workers.local_runner()`.

    Raises ValueError and OSError for what is wrong before any work; a bad video is a Record with an error.
    """
    if not video and not json:
        raise ValueError("nothing to write: leave --no-video or --no-json out")
    out, progress, run = Path(folder).resolve(), progress or Progress(), run or _local_runner()
    if options.model_path:
        options = dataclasses.replace(options, model_path=os.path.abspath(options.model_path))
    tasks = _plan(find_inputs(given, out), out, options, video, json)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        sweep(out)
        manifest = Manifest(out)
        todo, before = [], []
        for task in tasks:
            known = manifest.records.get(task.record.name)
            if known is None or _is_open(task, known, out, retry_failed):
                todo.append(task)
            else:
                before.append(known)
        todo.sort(key=lambda task: -task.record.size)  # or the longest one would end alone
        if todo:
            model_file(options.model_complexity, options.model_path, options.download_model)  # once, not every worker
        progress.begin(len(todo))
        done = []
        for record in run(todo, options, progress):
            manifest.add(record)
            progress.finished(record)
            done.append(record)
    failed = [record for record in (*before, *done) if record.error]
    return Result(done, sum(not record.error for record in before), failed)


def _local_runner() -> Runner:
    from posecore.workers import local_runner

    return local_runner()


def _plan(sources: Sequence[Source], out: Path, options: Options, video: bool, json: bool) -> list[Task]:
    """A task for each; ValueError when one would write over the video of another."""
    suffixes = [suffix for suffix, wanted in ((".mp4", video), (".json", json)) if wanted]
    chosen = options_hash(options)
    with ThreadPoolExecutor(LOOKS) as pool:
        states = list(pool.map(_state, (source.path for source in sources)))
    tasks = []
    for source, (size, changed) in zip(sources, states, strict=True):
        names = {suffix: f"{source.name}{suffix}" for suffix in suffixes}
        paths = {suffix: str(out / name) for suffix, name in names.items()}
        record = Record(source.name, source.path, size, changed, chosen, tuple(names.values()), engine=options.engine)
        tasks.append(Task(source.path, paths.get(".mp4"), paths.get(".json"), record))
    inputs = {os.path.realpath(source.path) for source in sources}
    if both := next((path for task in tasks for path in task.outputs if path in inputs), None):
        raise ValueError(f"{both}: is an input and an output; name another folder for the outputs")
    return tasks


def _state(path: str) -> tuple[int, str]:
    try:
        return state(path)
    except OSError:
        return -1, ""  # the worker will say what is wrong


def options_hash(options: Options) -> str:
    """Of everything that decides the outputs; how many cores work on them does not.

    Raises OSError when there is no such model file.
    """
    values = dataclasses.asdict(options) | {"posecore": __version__}
    for name in ("threads", "download_model"):
        values.pop(name)
    if options.model_path:
        values |= {"model_path": file_sha256(options.model_path), "model_complexity": None}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _is_open(task: Task, known: Record, out: Path, retry_failed: bool) -> bool:
    if not known.same_task(task.record):
        return True
    if known.error:
        return retry_failed
    wanted = set(task.record.outputs)
    return not wanted <= set(known.outputs) or not all((out / name).is_file() for name in wanted)


def do_task(task: Task, options: Options, on_frame: Callable[[], None] | None = None) -> Record:
    """Do one video here and now; what is wrong with it is told in the record."""
    from posecore.cli import explain
    from posecore.pipeline import process_video

    started, source = time.perf_counter(), task.source
    try:
        for path in task.outputs:  # a video that fails takes folders away again that it made, and others may need
            os.makedirs(os.path.dirname(path), exist_ok=True)
        task.clear()
        with local_file(task.source) as source:
            summary = process_video(source, task.video, task.json, options, on_frame=on_frame)
    except (ValueError, OSError) as error:
        return failure(task, explain(error).replace(source, task.source), started)
    except Exception as error:
        return failure(task, f"internal failure: {error!r}", started)
    return dataclasses.replace(
        task.record,
        frames=summary.frames,
        person_share=round(summary.frames_with_person / summary.frames, 4),
        seconds=round(time.perf_counter() - started, 3),
        warnings=tuple(warning.replace(source, task.source) for warning in summary.warnings),
    )


def failure(task: Task, reason: str, started: float | None = None) -> Record:
    """The record of a video that was given up."""
    seconds = time.perf_counter() - started if started else 0.0
    return dataclasses.replace(task.record, outputs=(), error=" ".join(reason.split()), seconds=round(seconds, 3))
