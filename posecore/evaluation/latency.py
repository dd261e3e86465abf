"""How long things take, and on what machine: no timing is worth anything without it."""

import platform
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

import numpy as np

from posecore.cores import available_cores

Item = TypeVar("Item")

PACKAGES = ("mediapipe", "openvino", "opencv-python", "av", "numpy")


class Stopwatch:
    """Times the stages of a loop by name: `with watch("decode"): …`. The first `warm_up` of each are left out.

    clock: gives seconds; `time.process_time` counts those of all cores and not what other processes do meanwhile.
    """

    def __init__(self, warm_up: int = 0, clock: Callable[[], float] = time.perf_counter) -> None:
        self.warm_up, self._clock = warm_up, clock
        self._milliseconds: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time one pass of a stage."""
        started = self._clock()
        yield
        self._milliseconds[stage].append(1000 * (self._clock() - started))

    def times(self) -> dict[str, np.ndarray]:
        """Milliseconds of every pass, by stage."""
        return {stage: np.array(times[self.warm_up :]) for stage, times in self._milliseconds.items()}

    def summary(self) -> dict[str, tuple[float, float]]:
        """(median, 95th percentile) in milliseconds, by stage."""
        return {stage: percentiles(times) for stage, times in self.times().items()}


def in_turn(items: Sequence[Item], number: int) -> list[Item]:
    """All of them, beginning with another each time: what goes first, or after a large one, finds the caches cold."""
    first = number % len(items)
    return [*items[first:], *items[:first]]


def measure(function: Callable[[], object], repeats: int = 30, warm_up: int = 3) -> tuple[float, float]:
    """Call a function; return (median, 95th percentile) in milliseconds, the warm-up calls left out."""
    watch = Stopwatch(warm_up)
    for _ in range(warm_up + repeats):
        with watch("call"):
            function()
    return watch.summary()["call"]


def percentiles(milliseconds: np.ndarray) -> tuple[float, float]:
    """(median, 95th percentile)."""
    median, p95 = np.percentile(milliseconds, (50, 95))
    return float(median), float(p95)


def machine() -> dict[str, str | int]:
    """The processor, the cores that this process may use, the system, Python and the packages that do the work."""
    return {
        "processor": _processor(),
        "cores": available_cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: found for name in PACKAGES if (found := _version(name))},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
