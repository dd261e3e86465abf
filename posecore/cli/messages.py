"""One line on stderr for whatever goes wrong, and the exit status that goes with it."""

import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from posecore.cli.status import Status
from posecore.errors import Note

if TYPE_CHECKING:
    from posecore.models import Model
    from posecore.options import Options

PATIENCE = 1.3  # seconds after a signal in which a run may end by itself
SAME = 0.3  # seconds in which a second signal is the first, which came to all of a group and was handed on too
SIGNALS = (signal.SIGINT, signal.SIGTERM)
NOBODY_READS = 128 + 13  # the status that shells give for a closed pipe

_told: list[int] = []  # the signal that came first; those after it change nothing
_running: list[str] = []  # the program's name and what is said when it is stopped, while there is something to stop
_over = threading.Event()  # the exit status is settled
_wish: list[Callable[[], object]] = []  # what the first signal does instead of stopping the run, while there is such
_asked: list[float] = []  # when that was


def listen_to_signals() -> Callable[[], None]:
    """Have SIGINT and SIGTERM end the run in an orderly way: at any time, in native code too, and once.

    Returns what ends that; a command that ends with its process has no use for it.
    """
    secure_descriptors()
    _told.clear()
    _running.clear()
    _wish.clear()
    _asked.clear()
    _over.clear()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    ended = threading.Event()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader, ended), name="signals", daemon=True).start()
    handlers = {number: signal.signal(number, _stop) for number in SIGNALS}

    def end() -> None:
        ended.set()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(writer)

    return end


def secure_descriptors() -> None:
    """Where stdin, stdout or stderr is closed, no file of ours must take its number, and with it what is printed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115


@contextmanager
def ended_by_signal(end: Callable[[], object]) -> Iterator[None]:
    """In the block the first SIGINT or SIGTERM is the user's wish to come to an end, which calling `end` begins."""
    _wish.append(end)
    try:
        yield
    finally:
        _wish.clear()


def _stop(number: int, frame: FrameType | None) -> None:
    if _told or _over.is_set():
        return
    first = not _asked
    if _is_wish(_asked):
        if first:
            _wish[0]()
        return
    _told.append(number)
    if not _running:
        _leave()
    sys.unraisablehook = lambda _: None  # an object that is half made now complains when it is freed
    raise KeyboardInterrupt


def _is_wish(asked: list[float]) -> bool:
    """Whether a signal that comes now is the first and a wish, or the first once more. asked: when that was."""
    now = time.monotonic()
    if _wish and not asked:
        asked.append(now)
    return bool(asked) and now - asked[0] < SAME


def _watch(reader: int, ended: threading.Event) -> None:
    """See to it that the process ends after a signal, whatever its main thread waits for."""
    asked: list[float] = []
    while signals := os.read(reader, 1):
        if signals[0] in SIGNALS and not _is_wish(asked) and not _over.is_set():
            over = _over.wait(PATIENCE)
            if over and not _told:  # it came when all was done
                continue
            if not ended.wait(PATIENCE / 5):
                _told.append(signals[0])
                _leave()
    os.close(reader)


def _leave() -> None:
    """End the process here and now, without a trace of what it has not finished."""
    files = sys.modules.get("posecore.files")  # an import of its own could meet one that is half done
    if files and hasattr(files, "abandon"):
        files.abandon()
    if not _over.is_set() and select.select([], [2], [], 0)[1]:
        prog, message = _running or (os.path.basename(sys.argv[0]), "interrupted; nothing was begun")
        os.write(2, f"{prog}: {message}\n".encode())
    os._exit(128 + _told[0])


class _Stdout:
    """Standard output, whose errors are told from those of files."""

    class Problem(Exception):
        """Why it cannot be written."""

    def __init__(self) -> None:
        self._stream = sys.stdout

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            raise _Stdout.Problem from error

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            raise _Stdout.Problem from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def guarded(prog: str, run: Callable[[], int], when_stopped: str) -> int:
    """The exit status of a run; what is wrong with its input, and that it was stopped, is said in one line."""
    try:
        _running[:] = prog, f"interrupted; {when_stopped}"
        with redirect_stdout(_Stdout()), _notes_said(prog):
            status = run()
            sys.stdout.flush()
        return status
    except (Exception, KeyboardInterrupt) as error:
        if _told or isinstance(error, KeyboardInterrupt):  # in the middle of an import it comes as another error
            say(*_running)
            return 128 + (_told[0] if _told else signal.SIGINT)
        return _explained(prog, error)
    finally:
        _over.set()
        for number in SIGNALS if threading.current_thread() is threading.main_thread() else ():
            signal.signal(number, signal.SIG_IGN)  # Python's own end would make it deadly again


@contextmanager
def _notes_said(prog: str) -> Iterator[None]:
    """Have notes, which the library gives as warnings, said in a line each."""
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, Note):
                say(prog, f"note: {message}")
            else:
                shown(message, category, *place, **more)

        warnings.simplefilter("always", Note)
        warnings.showwarning = show
        yield


def _explained(prog: str, error: Exception) -> int:
    """Say what an error means; raise it again when it means nothing to a user."""
    from posecore.errors import explain, is_users

    if isinstance(error, _Stdout.Problem):
        _close(sys.stdout.fileno())
        if isinstance(reason := error.__cause__, BrokenPipeError):
            return NOBODY_READS
        message = getattr(reason, "strerror", reason)
        say(prog, f"error: standard output cannot be written ({message}); make room, or send it elsewhere")
        return Status.BAD_INPUT
    if not is_users(error):
        raise error
    say(prog, f"error: {explain(error)}")
    return Status.BAD_INPUT


def _close(descriptor: int) -> None:
    """What is still written to it goes nowhere, and Python does not complain of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def end_stdout() -> None:
    """Flush standard output at the end of the process; that nobody reads it is no reason to complain."""
    try:
        sys.stdout.flush()
    except OSError:
        _close(sys.stdout.fileno())


def one_line(text: str) -> str:
    """Names may hold line breaks, terminals' commands and bytes that are no text: they are written as escapes."""
    plain = (letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
    return "".join(" " if letter.isspace() else letter for letter in plain)


def say_kind(prog: str, model: "Model", path: str | os.PathLike[str] | None, threads: int | None = None) -> None:
    """Say what a network of the user's own is; raises what `posecore.models.describe_network` raises."""
    if path is not None and model.family.needs_finder:
        from posecore.models import describe_network

        say(prog, f"{path}: {describe_network(path, threads)}")


def say_whose_face(prog: str, options: "Options") -> None:
    """Say that others are not hidden where one person is followed and faces are blurred."""
    if options.background == "blur-faces" and options.people == 1:
        say(prog, "note: only the face of the one who is followed is blurred; --people all follows everyone")


def say(prog: str, message: str) -> None:
    """Print a line on stderr; that nobody reads it is no reason to fail."""
    try:
        sys.stderr.write(f"{prog}: {one_line(message)}\n")
        sys.stderr.flush()
    except OSError:
        with suppress(OSError, ValueError):
            _close(sys.stderr.fileno())
    except ValueError:  # closed
        pass
