"""Many videos: what is to be done, worker processes that do it, and what came of it."""

import dataclasses
import hashlib
import json
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from posecore import __version__
from posecore.cores import available_cores
from posecore.files import remove_leftovers
from posecore.inputs import Source, find_inputs, local_file, state
from posecore.manifest import Manifest, Record, locked
from posecore.options import Options

ATTEMPTS = 3  # of a video whose worker dies
TELL_EVERY = 0.5  # seconds between two messages of a worker


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


Waiting = deque[tuple["Task", int]]  # tasks, each with the number of the attempt
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
    run: how; None is `local_runner()`.

    Raises ValueError and OSError for what is wrong before any work; a bad video is a Record with an error.
    """
    out, progress = Path(folder).resolve(), progress or Progress()
    if not video and not json:
        raise ValueError("nothing to write: leave --no-video or --no-json out")
    sources = find_inputs(given)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        manifest = Manifest(out)
        tasks = [_task(source, out, options, video, json) for source in sources]
        todo = [task for task in tasks if _is_open(task, manifest, out, retry_failed)]
        before = [manifest.records[task.record.name] for task in tasks if task not in todo]
        todo.sort(key=lambda task: -task.record.size)  # or the longest one would end alone
        progress.begin(len(todo))
        done = []
        for record in (run or local_runner())(todo, options, progress):
            manifest.add(record)
            progress.finished(record)
            done.append(record)
    failed = [record for record in (*before, *done) if record.error]
    return Result(done, sum(not record.error for record in before), failed)


def _task(source: Source, out: Path, options: Options, video: bool, json: bool) -> Task:
    names = [f"{source.name}{suffix}" for suffix, wanted in ((".mp4", video), (".json", json)) if wanted]
    try:
        size, changed = state(source.path)
    except OSError:
        size, changed = -1, ""  # the worker will say what is wrong
    record = Record(source.name, source.path, size, changed, options_hash(options), tuple(names), engine=options.engine)
    paths = {Path(name).suffix: str(out / name) for name in names}
    path = source.path if "://" in source.path else os.path.abspath(source.path)
    return Task(path, paths.get(".mp4"), paths.get(".json"), record)


def options_hash(options: Options) -> str:
    """Of everything that decides the outputs; how many cores work on them does not."""
    values = dataclasses.asdict(options) | {"posecore": __version__, "model_path": str(options.model_path or "")}
    for name in ("threads", "download_model"):
        values.pop(name)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _is_open(task: Task, manifest: Manifest, out: Path, retry_failed: bool) -> bool:
    known = manifest.records.get(task.record.name)
    if known is None or not known.same_task(task.record):
        return True
    if known.error:
        return retry_failed
    wanted = set(task.record.outputs)
    return not wanted <= set(known.outputs) or not all((out / name).is_file() for name in wanted)


def _clear(task: Task) -> None:
    for path in task.outputs:
        remove_leftovers(path)


def do_task(task: Task, options: Options, on_frame: Callable[[], None] | None = None) -> Record:
    """Do one video here and now; what is wrong with it is told in the record."""
    from posecore.cli import explain
    from posecore.pipeline import process_video

    started = time.perf_counter()
    try:
        _clear(task)
        with local_file(task.source) as source:
            summary = process_video(source, task.video, task.json, options, on_frame=on_frame)
    except (ValueError, OSError) as error:
        return failure(task, explain(error), started)
    except Exception as error:
        return failure(task, f"internal failure: {error!r}", started)
    return dataclasses.replace(
        task.record,
        frames=summary.frames,
        person_share=round(summary.frames_with_person / summary.frames, 4),
        seconds=round(time.perf_counter() - started, 3),
    )


def failure(task: Task, reason: str, started: float | None = None) -> Record:
    """The record of a video that was given up."""
    seconds = time.perf_counter() - started if started else 0.0
    return dataclasses.replace(task.record, error=" ".join(reason.split()), seconds=round(seconds, 3))


def local_runner(workers: int | None = None) -> Runner:
    """Worker processes on this machine, each with its share of the cores; None is one per core."""
    count = workers or available_cores()

    def run(tasks: Sequence[Task], options: Options, progress: Progress) -> Iterator[Record]:
        share = dataclasses.replace(options, threads=options.threads or max(1, available_cores() // count))
        pool = _Pool(min(count, len(tasks)), share)
        try:
            yield from pool.run(tasks, progress)
        finally:
            pool.stop()

    return run


class _Worker:
    """A process that does one task after the other."""

    def __init__(self, options: Options) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other, options), daemon=True)
        self.process.start()
        other.close()
        self.task: Task | None = None
        self.attempt = 0

    def give(self, task: Task, attempt: int) -> None:
        self.task, self.attempt = task, attempt
        with suppress(OSError):  # it died just now; its pipe will say so
            self.pipe.send(task)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


class _Pool:
    """Workers, and the tasks that wait for them; a worker that dies is replaced and its task tried again."""

    def __init__(self, count: int, options: Options) -> None:
        self._options = options
        self._workers = [_Worker(options) for _ in range(count)]

    def run(self, tasks: Sequence[Task], progress: Progress) -> Iterator[Record]:
        waiting = deque((task, 1) for task in tasks)
        self._hand_out(waiting)
        while busy := {worker.pipe: worker for worker in self._workers if worker.task}:
            for pipe in wait(list(busy)):
                yield from self._listen(busy[pipe], waiting, progress)  # type: ignore[index]
            self._hand_out(waiting)

    def _hand_out(self, waiting: Waiting) -> None:
        for worker in self._workers:
            if worker.task is None and waiting:
                worker.give(*waiting.popleft())

    def _listen(self, worker: _Worker, waiting: Waiting, progress: Progress) -> Iterator[Record]:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._bury(worker, waiting)
            return
        if isinstance(message, Record):
            worker.task = None
            yield message
        else:
            progress.frames(message)

    def _bury(self, worker: _Worker, waiting: Waiting) -> Iterator[Record]:
        task = worker.task
        assert task is not None
        worker.kill()
        _clear(task)
        self._workers[self._workers.index(worker)] = _Worker(self._options)
        if worker.attempt < ATTEMPTS:
            waiting.append((task, worker.attempt + 1))
        else:
            yield failure(task, f"{task.source}: {ATTEMPTS} workers died of it, perhaps for lack of memory")

    def stop(self) -> None:
        """End all workers; what they had begun is removed."""
        for worker in self._workers:
            worker.kill()
            if worker.task:
                _clear(worker.task)
        self._workers.clear()


def _work(pipe: Connection, options: Options) -> None:
    """The life of a worker process."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's
    threading.Thread(target=_follow_driver, daemon=True).start()
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        told = _Teller(pipe)
        record = do_task(task, options, told.frame)
        told.rest()
        pipe.send(record)


def _follow_driver() -> None:
    """End when the driver ends, however it ends, in the middle of a video too."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        driver.join()
        os._exit(1)


class _Teller:
    """Tells the driver how many frames are done, not too often."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._count, self._told = 0, time.monotonic()

    def frame(self) -> None:
        self._count += 1
        if time.monotonic() - self._told > TELL_EVERY:
            self.rest()

    def rest(self) -> None:
        self._pipe.send(self._count)
        self._count, self._told = 0, time.monotonic()
