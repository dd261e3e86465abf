"""Items made ahead in a thread of their own: how the stages of a video overlap."""

import math
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from queue import Empty, Queue
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")
AHEAD = 4  # items that wait at most between two stages


class Prefetch(Generic[Item]):
    """Iterate over it to get the items of a generator, in order; the generator runs in a thread.

    An error of the generator is raised where the items are read. Leaving the `with` block stops the thread at its next
    item, closes the generator there and waits for that.

    ahead: items that wait at most. patience: seconds to wait for the thread; None is for ever.
    """

    def __init__(
        self, items: Generator[Item, None, None], name: str, ahead: int = AHEAD, patience: float | None = None
    ) -> None:
        self._items = items
        self._patience = patience
        self._ready: Queue[tuple[bool, Item | BaseException | None]] = self._queue(ahead)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _queue(self, ahead: int) -> Queue[tuple[bool, Item | BaseException | None]]:
        return Queue(ahead)

    def _run(self) -> None:
        last: BaseException | None = None
        try:
            for item in self._items:
                self._ready.put((True, item))
                if self._stopping.is_set():
                    break
        except BaseException as error:
            last = error
        finally:
            self._items.close()
        self._ready.put((False, last))

    def __iter__(self) -> Iterator[Item]:
        """Yield the items; once."""
        return self.ticking(None)  # type: ignore[return-value]

    def ticking(self, seconds: float | None) -> Iterator[Item | None]:
        """Yield the items, and None where none is ready within so many seconds; once."""
        while True:
            try:
                more, item = self._ready.get(timeout=seconds)
            except Empty:
                yield None
                continue
            if more:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        end = time.monotonic() + (math.inf if self._patience is None else self._patience)
        while self._thread.is_alive() and time.monotonic() < end:  # a full queue would hold the thread up
            with suppress(Empty):
                self._ready.get(timeout=0.05)


def stage(stack: ExitStack, items: Generator[Item, None, None], name: str, cores: Callable[[], int]) -> Iterable[Item]:
    """The items of a generator, made in a thread of its own once there is more than one core to use; `stack` ends it.

    cores: how many there are by now; it is asked after every item until it says more than one.
    """
    if cores() > 1:
        return stack.enter_context(Prefetch(items, name))
    return stack.enter_context(closing(_apart_later(items, name, cores)))


def _apart_later(
    items: Generator[Item, None, None], name: str, cores: Callable[[], int]
) -> Generator[Item, None, None]:
    with closing(items):
        for item in items:
            yield item
            if cores() > 1:
                with Prefetch(items, name) as rest:
                    yield from rest
                return
