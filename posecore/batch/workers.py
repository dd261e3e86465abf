"""Worker processes on this machine: each does one video at a time, and ends with the process that started it.

The cores are dealt among the videos at work: one each where there are many. Those that no video waits for any more go
to the videos that are still at work, so that the last one has them all.
"""

import dataclasses
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from posecore.batch.manifest import Record
from posecore.batch.runner import ATTEMPTS, Progress, Runner
from posecore.batch.task import Task, do_task
from posecore.cores import available_cores, deal
from posecore.options import Options

TELL_EVERY = 0.5  # seconds between two messages of a worker


def local_runner(workers: int | None = None) -> Runner:
    """So many worker processes on this machine, None is one per core; they share the cores."""

    def run(tasks: deque[Task], options: Options, progress: Progress) -> Iterator[tuple[Task, Record]]:
        pool = _Pool(min(workers or available_cores(), len(tasks)), options)
        try:
            yield from pool.run(tasks, progress)
        finally:
            pool.stop()

    return run


class _Worker:
    """A process that does one task after the other. cores: that it may use for the task at hand."""

    def __init__(self, options: Options) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self._cores = context.RawValue("i", 0)
        self.process = context.Process(target=_work, args=(other, options, self._cores), daemon=True)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C is the driver's from the first
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        other.close()
        self.task: Task | None = None

    @property
    def cores(self) -> int:
        return self._cores.value if self.task else 0

    @cores.setter
    def cores(self, count: int) -> None:
        self._cores.value = count

    def give(self, task: Task, cores: int) -> None:
        self.task, self.cores = task, cores
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
        self._cores = available_cores()
        self._workers = [_Worker(options) for _ in range(count)]
        self._deaths: Counter[Task] = Counter()

    def run(self, tasks: deque[Task], progress: Progress) -> Iterator[tuple[Task, Record]]:
        self._hand_out(tasks)
        while busy := {worker.pipe: worker for worker in self._workers if worker.task}:
            progress.frames(0)
            for pipe in wait(list(busy), timeout=1):
                yield from self._listen(busy[pipe], tasks, progress)  # type: ignore[index]
            self._hand_out(tasks)

    def _hand_out(self, tasks: deque[Task]) -> None:
        idle = [worker for worker in self._workers if worker.task is None]
        given = self._options.threads
        for worker, share in zip(idle, deal(self._free, min(len(idle), len(tasks))), strict=False):
            worker.give(tasks.popleft(), given or share)
        if not tasks and not given:
            self._spread()

    @property
    def _free(self) -> int:
        return self._cores - sum(worker.cores for worker in self._workers)

    def _spread(self) -> None:
        """Give the cores that are free to those at work, first to who has the fewest."""
        busy = [worker for worker in self._workers if worker.task]
        for _ in range(self._free if busy else 0):
            min(busy, key=lambda worker: worker.cores).cores += 1

    def _listen(self, worker: _Worker, tasks: deque[Task], progress: Progress) -> Iterator[tuple[Task, Record]]:
        task = worker.task
        assert task is not None
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._bury(worker, task, tasks)
            return
        if isinstance(message, Record):
            worker.task = None
            yield task, message
        else:
            progress.frames(message)

    def _bury(self, worker: _Worker, task: Task, tasks: deque[Task]) -> Iterator[tuple[Task, Record]]:
        worker.kill()
        task.clear()
        self._workers[self._workers.index(worker)] = _Worker(self._options)
        self._deaths[task] += 1
        if self._deaths[task] < ATTEMPTS:
            tasks.append(task)
        else:
            yield task, task.failed(f"{task.source}: {ATTEMPTS} workers died of it, perhaps for lack of memory")

    def stop(self) -> None:
        """End all workers; what they had begun is removed."""
        for worker in self._workers:
            worker.kill()
            if worker.task:
                worker.task.clear()
        self._workers.clear()


def _work(pipe: Connection, options: Options, cores: Any) -> None:
    """The life of a worker process. cores: a number in memory that the driver may make larger."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_driver, daemon=True).start()
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        told = _Teller(pipe)
        own = dataclasses.replace(options, threads=cores.value)
        record = do_task(task, own, told.frame, lambda: cores.value)
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

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._count, self._told = 0, time.monotonic()

    def frame(self) -> None:
        self._count += 1
        if time.monotonic() - self._told > TELL_EVERY:
            self.rest()

    def rest(self) -> None:
        self._pipe.send(self._count)
        self._count, self._told = 0, time.monotonic()
