"""The slot between a live source and what is slower: the newest item waits there, and no other."""

from collections.abc import Generator
from queue import Queue
from typing import Any, TypeVar

from posecore.pipeline.prefetch import Prefetch

Item = TypeVar("Item")


class Newest(Prefetch[Item]):
    """As `Prefetch`, for a generator that is never held up: an item that nobody took before the next is dropped."""

    def __init__(self, items: Generator[Item, None, None], name: str, patience: float | None = None) -> None:
        super().__init__(items, name, patience=patience)

    def _queue(self, ahead: int) -> "_Slot":
        return _Slot()

    @property
    def dropped(self) -> int:
        """How many items were dropped so far."""
        return self._ready.dropped  # type: ignore[attr-defined]


class _Slot(Queue[tuple[bool, Any]]):
    """Of pairs of whether it is an item, which the next one replaces, and the item; or else the end, which stays."""

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self.dropped = 0

    def _put(self, item: tuple[bool, Any]) -> None:
        if item[0]:
            self.dropped += len(self.queue)
            self.queue.clear()
        super()._put(item)
