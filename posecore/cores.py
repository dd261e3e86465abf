"""How many processor cores this process may use."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def available_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """At least 1: the cores of the process's affinity, or fewer where a container's CPU quota says so.

    cgroup: where control groups are mounted; version 2, then version 1.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return cores if quota is None else max(1, min(cores, math.ceil(quota)))


def deal(cores: int, among: int) -> list[int]:
    """Cores for each of so many who work side by side, at least 1: 3, 3 and 2 of 8."""
    return [max(1, cores // among + (number < cores % among)) for number in range(among)]


@contextmanager
def opencv_threads(count: int | None) -> Iterator[None]:
    """Have OpenCV use at most so many cores during the block, whichever thread calls it; None leaves it as it is."""
    import cv2

    before = cv2.getNumThreads()
    if count is not None:
        cv2.setNumThreads(count)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _quota(cgroup: Path) -> float | None:
    """Cores' worth of time per period."""
    for paths in ([cgroup / "cpu.max"], [cgroup / "cpu" / f"cpu.cfs_{name}_us" for name in ("quota", "period")]):
        try:
            quota, period = (int(word) for path in paths for word in path.read_text().split())
        except (OSError, ValueError):  # no such file, or "max"
            continue
        if quota > 0 and period > 0:
            return quota / period
    return None
