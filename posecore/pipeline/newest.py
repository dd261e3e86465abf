"""The slot between a live source and what is slower: the newest item waits there, and no other."""

from collections.abc import Callable, Generator
from queue import Queue
from typing import Any, TypeVar

from posecore.pipeline.prefetch import Prefetch

Item = TypeVar("Item")
ROOM = 8  # items that wait together


class Newest(Prefetch[Item]):
    """As `Prefetch`, for a generator that is never held up: an item that nobody took before the next is dropped.

    alike: gives the same for items of which only the first is work: they wait for that together, ROOM of them at most.
    """

    def __init__(
        self,
        items: Generator[Item, None, None],
        name: str,
        alike: Callable[[Item], object],
        patience: float | None = None,
    ) -> None:
        self._alike = alike
        super().__init__(items, name, patience=patience)

    def _queue(self, ahead: int) -> "_Slot":
        return _Slot(self._alike)

    @property
    def dropped(self) -> int:
        """How many items were dropped so far."""
        return self._ready.dropped  # type: ignore[attr-defined]


class _Slot(Queue[tuple[bool, Any]]):
    """Of pairs of whether it is an item, which others may replace, and the item; or else the end, which stays."""

    def __init__(self, alike: Callable[[Any], object]) -> None:
        super().__init__()
        self.dropped = 0
        self._alike, self._last = alike, object()

    def _put(self, item: tuple[bool, Any]) -> None:
        if item[0]:
            before, self._last = self._last, self._alike(item[1])
            while self.queue and (self._last != before or len(self.queue) == ROOM):
                self.queue.popleft()
                self.dropped += 1
        super()._put(item)
