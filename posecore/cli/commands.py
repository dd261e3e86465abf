"""`posecore`: the table of subcommands. Nothing is imported for one that is not called."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple


class Command(NamedTuple):
    """One line of help, and what is read or written by libraries that may crash.

    reads: the arguments that name media or others' files that libraries are at work on in the command's own process,
    which then is a child process, see `posecore.cli.guard`. `batch` has them read in its workers.
    """

    line: str
    reads: tuple[str, ...] = ()


# By name, of one word or two. Each is the module of the same name beside this one, with an underscore
# between two words and for a hyphen, and with `main(arguments, prog)`.
COMMANDS = {
    "run": Command("one video: the same with skeletons drawn on it, and keypoints as JSON", reads=("video", "input")),
    "live": Command("a camera or a stream, while it goes on", reads=("url", "camera")),
    "batch": Command("many videos, on this machine or on a Ray cluster"),
    "draw": Command("a document over its video: the skeletons drawn, no model run", reads=("input",)),
    "view": Command(
        "a page in which you look at a result: the video, its skeletons, what to doubt", reads=("video", "document")
    ),
    "tracks": Command("the people of a document: list them, mend who is who"),
    "smooth": Command("a document smoothed afterwards, without lag: jumps out, short gaps filled"),
    "export": Command("a document as a file of another program's format", reads=("output",)),
    "import": Command("another program's file as a document", reads=("source", "video")),
    "compare": Command(
        "several models on your own videos: time, steadiness, agreement, which to take", reads=("videos",)
    ),
    "evaluate": Command("a model on COCO pictures: keypoints, AP and a report", reads=("images",)),
    "evaluate tracks": Command(
        "who is who, by a model or in documents, against the true ids of clips", reads=("clips",)
    ),
    "check-device": Command("whether a GPU or NPU gives what the CPU gives", reads=("video",)),
    "models": Command("the models: size, licence, whether cached, AP and ms"),
    "fetch": Command("download models or the demo clip into the cache"),
}


def main(arguments: Sequence[str] | None = None, default: str | None = None) -> int:
    """Run a subcommand; return its exit status. default: the one to run when none is named, and the way of run.py.

    Without arguments it is a process of its own, and what decodes media goes on in a child of it; see `guard`.
    """
    called = arguments is not None  # by another program, which goes on
    name, prog, words = _find(list(sys.argv[1:] if arguments is None else arguments), default)
    if threading.current_thread() is not threading.main_thread():  # which alone hears of signals
        return _run(name, prog, words)
    if not called:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until it listens
        from posecore.cli.guard import guard, settle

        reads = COMMANDS[name].reads if name else ()
        guard(prog, words, reads, lambda: import_module(module_of(name)).make_parser(prog))
    from posecore.cli.messages import end_stdout, listen_to_signals

    end = listen_to_signals()
    try:
        status = _run(name, prog, words)
    finally:
        if called:
            end()
        else:
            end_stdout()
    if not called:
        settle(status)
    return status


def _find(arguments: Sequence[str], default: str | None) -> tuple[str, str, Sequence[str]]:
    """Name of the command, nothing where there is none; name of the program; the arguments of the command."""
    prog = os.path.basename(sys.argv[0]) if default else "posecore"
    for words in (2, 1):
        if (name := " ".join(arguments[:words])) in COMMANDS:
            return name, f"{prog} {name}", arguments[words:]
    return default or "", prog, arguments


def _run(name: str, prog: str, words: Sequence[str]) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nothing here multiplies large matrices, and its threads spin
    if name:
        return _command(name)(words, prog)
    first = words[0] if words else "--help"
    if first in ("-h", "--help"):
        print(_help())
        return 0
    if first == "--version":
        from posecore import __version__

        print(f"posecore {__version__}")
        return 0
    return _unknown(first)


def _command(name: str) -> Callable[[Sequence[str], str], int]:
    try:
        command: Callable[[Sequence[str], str], int] = import_module(module_of(name)).main
    except ImportError as error:  # what this machine lacks
        problem = error
        return lambda arguments, prog: _lacking(prog, problem)
    return command


def module_of(name: str) -> str:
    """The module of a command."""
    return f"posecore.cli.{name.replace(' ', '_').replace('-', '_')}"


def _lacking(prog: str, error: ImportError) -> int:
    from posecore.cli.messages import say
    from posecore.cli.status import Status
    from posecore.errors import explain, is_users

    if not is_users(error):
        raise error
    say(prog, f"error: {explain(error)}")
    return Status.BAD_INPUT


def _help() -> str:
    lines = [f"  {name:15} {command.line}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: posecore COMMAND …",
            "",
            "Video in, COCO-17 keypoints out.",
            "",
            *lines,
            "",
            "posecore COMMAND --help says more; posecore --version. Exit status: 0 done, 1 internal",
            "failure, 2 bad usage or input, 3 some of many failed, 130 and 143 stopped.",
        ]
    )


def _unknown(word: str) -> int:
    from posecore.cli.messages import say
    from posecore.cli.parser import did_you_mean
    from posecore.cli.status import Status

    hint = f"; did you mean posecore run {word}?" if os.path.exists(word) else did_you_mean(word, COMMANDS)
    say("posecore", f"error: no command {word}{hint or '; posecore --help lists them'}")
    return Status.BAD_INPUT
