"""File descriptor 2 while native libraries print what they cannot be told to keep to themselves."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

READ = 65536  # bytes at a time, as many as a pipe holds


class _Sieve:
    """Keeps what MediaPipe logs off stderr and hands on all that others print.

    While it is in use file descriptor 2 is a pipe, and a thread passes on what comes out. Users share it and do not
    wait for one another.
    """

    LOGGED = (
        b"INFO: Created TensorFlow Lite",
        b"WARNING: All log messages before absl",
        b"ERROR: The model is not a valid Flatbuffer",
        b"I0000 00:",
        b"W0000 00:",
        b"E0000 00:",
        b"Calculator::",  # an error's second line
    )

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._on = False
        self._stderr = -1  # where it went before; stays open for child processes
        self._ends: tuple[int, int] | None = None
        self._mark = f"\0{secrets.token_hex(8)}\n".encode()
        self._passed = threading.Event()  # all up to the mark

    @contextmanager
    def without_logs(self) -> Iterator[None]:
        """Without what MediaPipe logs, for a block."""
        with self._lock:
            if not self._users:
                self._begin()
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._end()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Without anything, for a block of milliseconds: what other threads print meanwhile is lost too."""
        with self._lock:
            try:
                before = os.dup(2)
            except OSError:  # there is none
                yield
                return
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            try:
                yield
            finally:
                os.dup2(before, 2)
                os.close(before)
                os.close(nowhere)

    def _begin(self) -> None:
        try:
            if self._stderr < 0:
                self._stderr = os.dup(2)
            else:
                os.dup2(2, self._stderr)
        except OSError:  # there is none
            return
        if self._ends is None:
            self._ends = os.pipe()
            threading.Thread(target=self._pass_on, args=(self._ends[0],), name="stderr", daemon=True).start()
        os.dup2(self._ends[1], 2)
        self._on = True

    def _end(self) -> None:
        if not self._on or self._ends is None:
            return
        self._on = False
        os.dup2(self._stderr, 2)
        self._passed.clear()
        os.write(self._ends[1], self._mark)
        self._passed.wait(5)  # a child process that was started meanwhile may print still later

    def _pass_on(self, end: int) -> None:
        held = b""
        while data := os.read(end, READ):
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                before, mark, _ = (line + b"\n").partition(self._mark)
                self._print(before)
                if mark:
                    self._passed.set()
            if len(data) == READ:
                continue  # the read cut it in two, and the rest is there already
            if held and not any(logged.startswith(held[: len(logged)]) for logged in (*self.LOGGED, self._mark)):
                self._print(held)  # of a progress bar, say
                held = b""

    def _print(self, text: bytes) -> None:
        if text and not text.startswith(self.LOGGED):
            with suppress(OSError):
                os.write(self._stderr, text)


_sieve = _Sieve()
without_logs, closed = _sieve.without_logs, _sieve.closed
