"""Many videos: what is to be done, and what came of it all."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from posecore import __version__
from posecore.batch.inputs import Source, find_inputs, ignores_case, look_at_all, refuse_alike, state
from posecore.batch.long_videos import FOLDER, LongVideos
from posecore.batch.manifest import LOCK, MANIFEST, Manifest, Record, locked
from posecore.batch.remote import is_remote
from posecore.batch.runner import Progress, Result, Runner
from posecore.batch.task import Task
from posecore.batch.workers import local_runner
from posecore.files import file_sha256, sweep
from posecore.models import fetch_model
from posecore.options import Options
from posecore.pipeline import check_first_use


def process_videos(
    given: str,
    folder: str | os.PathLike[str],
    options: Options,
    *,
    video: bool = True,
    json: bool = True,
    retry_failed: bool = False,
    segment_minutes: float | None = None,
    run: Runner | None = None,
    progress: Progress | None = None,
) -> Result:
    """Find the keypoints of many videos; what is in the manifest of `folder` and unchanged is not done again.

    given: see `posecore.batch.inputs.find_inputs`. video, json: what is written for each.
    segment_minutes: cut videos that are longer into segments of at most this; see `posecore.batch.long_videos`.
    run: how; None is `posecore.batch.local_runner()`.

    Raises ValueError and OSError for what is wrong before any work; a bad video is a Record with an error.
    """
    if not video and not json:
        raise ValueError("nothing to write: leave --no-video or --no-json out")
    if segment_minutes is not None and not segment_minutes > 0:
        raise ValueError(f"segment minutes must be more than 0, got {segment_minutes:g}")
    out, progress, run = Path(folder).resolve(), progress or Progress(), run or local_runner()
    if options.model_path:
        options = dataclasses.replace(options, model_path=os.path.abspath(options.model_path))
    chosen = options_hash(options, segment_minutes)
    tasks = _plan(find_inputs(given, out), out, options.engine, chosen, video, json)
    out.mkdir(parents=True, exist_ok=True)
    _refuse_links(out, [str(out / name) for name in (LOCK, MANIFEST, FOLDER)])
    with locked(out):
        sweep(out)
        if ignores_case(out):
            refuse_alike([task.record.name for task in tasks])
        manifest = Manifest(out)
        todo, before = [], []
        for task in tasks:
            known = manifest.records.get(task.record.name)
            if known:
                _refuse_another(task, known)
            if known is None or _is_open(task, known, retry_failed):
                todo.append(task)
            else:
                before.append(known)
        _refuse_links(out, [path for task in todo for path in task.outputs])
        todo.sort(key=lambda task: -task.record.size)  # or the longest one would end alone
        if todo:  # once, not every worker
            fetch_model(options)
            check_first_use(options, next((task.source for task in todo if not is_remote(task.source)), None))
        progress.begin(len(todo))
        done = []
        long = LongVideos(out, segment_minutes, options)
        queue = long.queue(todo)
        for task, record in run(queue, options, progress):
            if long.settle(task, record, queue):
                manifest.add(record)
                long.forget(task)
                progress.finished(record)
                done.append(record)
        long.clear()
    failed = [record for record in (*before, *done) if record.error]
    return Result(done, sum(not record.error for record in before), failed)


def _plan(sources: Sequence[Source], out: Path, engine: str, chosen: str, video: bool, json: bool) -> list[Task]:
    """A task for each; ValueError when one would write over the video of another."""
    suffixes = [suffix for suffix, wanted in ((".mp4", video), (".json", json)) if wanted]
    states = look_at_all(_state, (source.path for source in sources))
    tasks = []
    for source, (size, changed) in zip(sources, states, strict=True):
        names = {suffix: f"{source.name}{suffix}" for suffix in suffixes}
        paths = {suffix: str(out / name) for suffix, name in names.items()}
        record = Record(source.name, source.path, size, changed, chosen, tuple(names.values()), engine=engine)
        tasks.append(Task(source.path, paths.get(".mp4"), paths.get(".json"), record))
    inputs = {os.path.realpath(source.path) for source in sources} | set(look_at_all(_identity, map(_path, sources)))
    outputs = [path for task in tasks for path in task.outputs]
    same = zip(outputs, look_at_all(_identity, outputs), strict=True)
    if both := next((path for path, file in same if path in inputs or (file and file in inputs)), None):
        raise ValueError(f"{both}: is an input and an output; name another folder for the outputs")
    return tasks


def _state(path: str) -> tuple[int, str]:
    try:
        return state(path)
    except OSError:
        return -1, ""  # the worker will say what is wrong


def _path(source: Source) -> str:
    return source.path


def _identity(path: str) -> tuple[int, int] | None:
    """Which file it is, whatever it is called here; None when there is none, or it is far away."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _refuse_links(out: Path, paths: Sequence[str]) -> None:
    """Raise ValueError when what is to be written would go elsewhere by a link: a folder may come from others."""
    folders = {os.path.dirname(path) for path in paths}
    leaving = [folder for folder in sorted(folders) if not Path(os.path.realpath(folder)).is_relative_to(out)]
    links = [path for path, is_link in zip(paths, look_at_all(os.path.islink, paths), strict=True) if is_link]
    if found := next(iter(leaving + links), None):
        raise ValueError(f"{found}: is a link, or lies behind one, and nothing is written there; take the link away")


def _refuse_another(task: Task, known: Record) -> None:
    """Raise ValueError when an output is there and is that of another video: one of an earlier batch."""
    new = task.record
    if known.error or known.input == new.input or (known.size, known.mtime) == (new.size, new.mtime):
        return
    if there := next(filter(os.path.exists, task.outputs), None):
        raise ValueError(
            f"{there}: was made of {known.input}, and {new.input} would replace it; name another folder for the "
            "outputs, or delete it"
        )


def options_hash(options: Options, segment_minutes: float | None = None) -> str:
    """Of everything that decides the outputs; how many cores work on them does not.

    Raises OSError when there is no such model file.
    """
    values = dataclasses.asdict(options) | {"posecore": __version__}
    for name in ("threads", "download_model"):
        values.pop(name)
    if options.model_path:
        values |= {"model_path": file_sha256(options.model_path), "model_complexity": None}
    if segment_minutes is not None:
        values |= {"segment_minutes": segment_minutes}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _is_open(task: Task, known: Record, retry_failed: bool) -> bool:
    if not known.same_task(task.record):
        return True
    if known.error:
        return retry_failed
    return not set(task.record.outputs) <= set(known.outputs) or not all(map(os.path.isfile, task.outputs))
