"""One line on stderr for whatever goes wrong, and the exit status that goes with it."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from posecore.cli.status import Status
from posecore.errors import USER_ERRORS, explain

_signals: list[int] = []


def listen_to_signals() -> None:
    """Make SIGINT and SIGTERM end the run in an orderly way."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    _signals.append(number)
    sys.unraisablehook = lambda _: None  # an object that is half made now complains when it is freed
    raise KeyboardInterrupt


def guarded(prog: str, run: Callable[[], int], when_stopped: str) -> int:
    """The exit status of a run; what is wrong with its input, and that it was stopped, is said in one line."""
    try:
        return run()
    except (Exception, KeyboardInterrupt) as error:
        if _signals or isinstance(error, KeyboardInterrupt):  # in the middle of an import it comes as another error
            say(prog, f"interrupted; {when_stopped}")
            return 128 + (_signals[0] if _signals else signal.SIGINT)
        if not isinstance(error, USER_ERRORS):
            raise
        say(prog, f"error: {explain(error)}")
        return Status.BAD_INPUT


def say(prog: str, message: str) -> None:
    """Print a line on stderr."""
    print(f"{prog}: {' '.join(message.split())}", file=sys.stderr)
