"""A window on the screen that shows pictures while they are made.

It is a process of its own, for two reasons. A display that goes away ends the process that draws on it, and must not
take a record along. And the wheels of PyAV and OpenCV each bring a part of X11's library, which hang in one process.
"""

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from types import TracebackType
from typing import Self

from posecore.pipeline import window_process
from posecore.pose import Image

LARGEST = 1280  # pixels of the longer side of what is shown


class Window:
    """One window; a `with` block closes it at its end. A picture for which it is not ready is not shown.

    Raises ValueError where there is no display.
    """

    def __init__(self, title: str) -> None:
        command = [sys.executable, str(Path(window_process.__file__)), title]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        assert self._process.stdout and self._process.stderr
        if self._process.stdout.readline() != window_process.READY:
            said = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self._end()
            raise ValueError(
                f"--show: no window can be opened ({said[0].strip() if said else 'no reason is given'}); leave --show "
                "out, or run it where there is a screen"
            )
        self._pictures: Queue[Image | None] = Queue(1)
        self._thread = threading.Thread(target=self._hand_on, name="window", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether the user has closed it, or pressed q or Esc."""
        return self._process.poll() is not None

    def show(self, picture: Image) -> None:
        """Show a picture, (height, width, 3) uint8 BGR."""
        with suppress(Full):
            self._pictures.put_nowait(picture)

    def _hand_on(self) -> None:
        assert self._process.stdin
        while (picture := self._pictures.get()) is not None:
            height, width = picture.shape[:2]
            try:
                self._process.stdin.write(window_process.HEAD.pack(width, height))
                self._process.stdin.write(picture.data)
                self._process.stdin.flush()
            except OSError:  # closed
                return

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        with suppress(Full):
            self._pictures.put_nowait(None)
        self._thread.join()
