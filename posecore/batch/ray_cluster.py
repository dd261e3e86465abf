"""The same batch on a Ray cluster; the only file that imports ray."""

import dataclasses
import os
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from posecore.batch.manifest import Record
from posecore.batch.runner import ATTEMPTS, Progress, Runner
from posecore.batch.task import Task, do_task
from posecore.cores import available_cores
from posecore.options import Options

AHEAD = 4  # tasks in Ray's hands per core: a queue of a million is nobody's friend
STARTS = 3  # attempts at a cluster of our own
OBJECTS = 100_000_000  # bytes of memory for what tasks give back: a line each; Ray would take a third of the machine


def ray_runner(address: str | None = None, workers: int | None = None) -> Runner:
    """Ray tasks of one core each, of more where there are fewer tasks than cores.

    Ray repeats those whose worker or node dies, ATTEMPTS times in all.

    address: of a cluster; None starts one on this machine. workers: tasks at a time; None is one per core.
    Nothing is reported to Ray's makers, and no dashboard is started.

    Raises ValueError when Ray is not installed, or no cluster is there.
    """
    _import()

    def run(tasks: deque[Task], options: Options, progress: Progress) -> Iterator[tuple[Task, Record]]:
        if not tasks:
            return
        running: dict[Any, Task] = {}
        try:
            with connected(address, workers) as ray:
                yield from _run(ray, tasks, options, progress, workers, running)
        finally:
            for task in running.values():
                task.clear()

    return run


def _import() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_task_oom_retries", str(ATTEMPTS - 1))  # or without end when memory is short
    try:
        import ray
    except ImportError as error:
        raise ValueError(f"--ray: Ray is not installed ({error}); pip install 'posecore[ray]'") from error
    return ray


@contextmanager
def connected(address: str | None, workers: int | None = None) -> Iterator[Any]:
    """The module ray, connected to a cluster; see `ray_runner`."""
    ray = _import()
    if address is None:
        _start(ray, workers or available_cores())
    else:
        _check_reachable(address)
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ValueError(_no_cluster(address, error)) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _start(ray: Any, cores: int) -> None:
    """Start a cluster on this machine; Ray itself gives a node 30 s, which a busy machine may need more than once."""
    for left in reversed(range(STARTS)):
        try:
            ray.init(
                "local",  # whatever RAY_ADDRESS says
                num_cpus=cores,
                object_store_memory=OBJECTS,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="ERROR",
            )
            return
        except Exception as error:  # a bare one
            ray.shutdown()
            if not left:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise ValueError(
                    f"--ray: no cluster could be started here, {STARTS} times ({reason}); it may be too busy or "
                    "short of memory: try again, or leave --ray out"
                ) from error


def _check_reachable(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():  # such as "auto"
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        raise ValueError(_no_cluster(address, error)) from error


def _no_cluster(address: str, error: Exception) -> str:
    return f"{address}: no Ray cluster there ({error}); start one with 'ray start --head'"


def _run(
    ray: Any,
    tasks: deque[Task],
    options: Options,
    progress: Progress,
    workers: int | None,
    running: dict[Any, Task],
) -> Iterator[tuple[Task, Record]]:
    """running: what is in Ray's hands, by reference."""
    nodes = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    cores = cores_each(nodes, min(len(tasks), workers or len(tasks)))
    remote = ray.remote(num_cpus=cores, max_retries=ATTEMPTS - 1)(do_task)
    share = dataclasses.replace(options, threads=options.threads or cores)
    limit = workers or AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    while tasks or running:
        while tasks and len(running) < limit:
            task = tasks.popleft()
            running[remote.remote(task, share)] = task
        ready, _ = ray.wait(list(running), timeout=1)
        progress.frames(0)
        for reference in ready:
            task = running.pop(reference)
            record = _record(ray, reference, task)
            progress.frames(task.new_frames(record))
            yield task, record


def cores_each(nodes: Sequence[int], tasks: int) -> int:
    """How many cores each of so many tasks can have when all run side by side, else 1. nodes: the cores of each."""
    enough = (cores for cores in range(max(nodes, default=1), 1, -1) if sum(n // cores for n in nodes) >= tasks)
    return next(enough, 1)


def _record(ray: Any, reference: Any, task: Task) -> Record:
    try:
        return ray.get(reference)
    except ray.exceptions.RayError as error:
        task.clear()
        return task.failed(f"{task.source}: given up by Ray ({str(error).splitlines()[0]})")
