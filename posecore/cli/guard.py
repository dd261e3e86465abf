"""A crash in a library ends in one line: what decodes or reads a network does so in a child process of this one.

The parent is made before anything is loaded, and only waits: it hands on signals and ends as the child ends. A child
that crashes cannot say so, nor tidy up; the parent does both.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from posecore.cli.messages import end_stdout, say, secure_descriptors
from posecore.cli.status import Status

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

_settled: list[int] = []  # the exit status of this process, once there is one
CRASHES = [getattr(signal, name, None) for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE")]
KILLED = "was killed (SIGKILL), perhaps for lack of memory; make memory free, or give it less at a time"
CRASHED = "crashed ({}), a library's fault; is the disk full? else leave it out, or convert it with another program"


def guard(prog: str, words: Sequence[str], reads: Sequence[str], parser: "Callable[[], ArgumentParser]") -> None:
    """Go on as a child process where a command reads what may crash it; the parent ends when that ends.

    words: its arguments. reads: see `posecore.cli.commands.Command`. parser: gives what reads them, which only a crash
    needs. Windows has no fork; there, and where other threads run already, nothing is done.
    """
    needed = reads and not {"-h", "--help"} & set(words)
    if not needed or not hasattr(os, "fork") or threading.active_count() > 1:
        return
    secure_descriptors()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored nobody learns how a child ended
    heard = {signal.SIGINT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    reader, writer = os.pipe()
    if child := os.fork():
        os.close(reader)
        code = _wait(child, heard)
        _end_as(code, prog, words, lambda: _given(reads, parser().parse_args(words)))
    os.close(writer)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    threading.Thread(target=_follow, args=(reader,), name="guard", daemon=True).start()
    atexit.register(_leave)  # the first of all, so that it comes last


def settle(status: int) -> None:
    """Have a child of `guard` end with this status, once all threads are over and all is written."""
    _settled.append(status)


def _leave() -> None:
    """Leave networks and frames to the system: to free them one by one takes as long as some frames."""
    if _settled:
        end_stdout()
        os._exit(_settled[0])


def _follow(reader: int) -> None:
    """End when the parent does, however it ends: with it its end of the pipe is closed."""
    os.read(reader, 1)
    if main := threading.main_thread().ident:
        signal.pthread_kill(main, signal.SIGTERM)  # which it hears at once, whatever it waits for


def _wait(child: int, heard: set[signal.Signals]) -> int:
    """The exit code of a child, negative for a signal; those of `heard` that come meanwhile are handed on."""
    while True:
        number = signal.sigwait(heard)
        if number == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            continue
        os.kill(child, number)
        if number == signal.SIGTSTP:
            _die_of(number)  # or rather sleep
            signal.pthread_sigmask(signal.SIG_BLOCK, [number])
            os.kill(child, signal.SIGCONT)


def _die_of(number: int) -> None:
    """Have a signal do to this process what it does by default."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])


def _end_as(code: int, prog: str, words: Sequence[str], given: Callable[[], str]) -> NoReturn:
    """End this process as the child ended; of a crash something is said, and what it or a signal left is removed."""
    if code < 0 or code > 128:
        from posecore.temporary import remove_dead

        for folder in _folders(words):
            remove_dead(folder)
    if -code in (signal.SIGKILL, *CRASHES):
        reason = KILLED if -code == signal.SIGKILL else CRASHED.format(signal.Signals(-code).name)
        say(prog, f"error: {given()}: the process at work on it {reason}")
        code = Status.BAD_INPUT
    elif code < 0:
        _die_of(-code)
        code = 128 - code  # one that can be outlived
    os._exit(code)  # what there is to be flushed, the child has flushed


def _given(reads: Sequence[str], given: "Namespace") -> str:
    """What a command works on, by its arguments."""
    values = [getattr(given, argument, None) for argument in (*reads, "model_path")]
    names = [each for value in values if value for each in (value if isinstance(value, list) else [value])]
    return ", ".join(map(_shown, names)) or "standard input"


def _shown(name: str) -> str:
    """Without a password, if it is an address."""
    if "://" not in name:
        return name
    from posecore.video import LiveInput

    return LiveInput("url", name).name


def _folders(words: Sequence[str]) -> Iterator["Path"]:
    """Where a command of these arguments may have written: beside each, in the current folder and in those of ours."""
    import tempfile
    from pathlib import Path

    from posecore.assets import cache_folder

    yield from (Path(tempfile.gettempdir()), cache_folder(), Path())
    for word in words:
        path = Path(os.path.realpath(word.partition("=")[2] or word))
        yield from (path.parent, path)
