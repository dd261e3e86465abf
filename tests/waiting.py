"""Waiting for what must happen, however busy the machine is."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

HANGS = 600  # seconds: only what hangs takes as long


def wait_until(condition: Callable[[], object], what: str, step: float = 0.01) -> None:
    """Until the condition holds; `what` must happen."""
    end = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {HANGS} s"
        time.sleep(step)


@contextmanager
def running(command: Sequence[object], **options: Any) -> Iterator[subprocess.Popen]:
    """A process; where the block ends before it, as when a test fails, it is ended with all that it has started."""
    with subprocess.Popen([*map(str, command)], start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
