"""What a command's exit status says."""

import signal
from enum import IntEnum


class Status(IntEnum):
    """Exit statuses; those of signals are the shells' own, 128 and the signal's number."""

    DONE = 0
    INTERNAL_FAILURE = 1
    BAD_INPUT = 2
    SOME_FAILED = 3
    INTERRUPTED = 128 + signal.SIGINT
    TERMINATED = 128 + signal.SIGTERM
