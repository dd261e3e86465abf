"""What whoever does the tasks of a batch is given and gives back."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from posecore.batch.manifest import Record
from posecore.batch.task import Task
from posecore.options import Options

ATTEMPTS = 3  # of a task whose worker dies


class Progress:
    """Is told how a batch goes; this one does nothing."""

    def begin(self, videos: int) -> None:
        """So many videos will be done."""

    def frames(self, count: int) -> None:
        """So many more frames are done."""

    def finished(self, record: Record) -> None:
        """A video is done or given up."""


@dataclass(frozen=True)
class Result:
    """What a batch has come to. skipped: videos that were done before; failed: also those of earlier runs."""

    done: list[Record]
    skipped: int
    failed: list[Record]


# Does the tasks of a queue, into which more may be put while it runs, and yields each with what came of it.
Runner = Callable[[deque[Task], Options, Progress], Iterator[tuple[Task, Record]]]
