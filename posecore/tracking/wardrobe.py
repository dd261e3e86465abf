"""Those who are gone, by what they wore: who comes back is known again when nobody else could be meant."""

from collections import OrderedDict
from collections.abc import Iterable

from posecore.pose import Floats
from posecore.tracking.appearance import alike

SECONDS = 10.0  # that somebody is remembered
KEPT = 16  # people at most
CLEAR = 0.85  # likeness of the clothes of one person at two times; of two people in one picture it is less in most
AHEAD = 0.1  # by which the likeness to anybody else must be less


class Wardrobe:
    """What people wore who are gone."""

    def __init__(self) -> None:
        self._gone: OrderedDict[int, tuple[int, Floats]] = OrderedDict()

    def keep(self, number: int, timestamp_ms: int, clothes: Floats) -> None:
        """Somebody with an id was last seen then."""
        self._gone[number] = timestamp_ms, clothes
        while len(self._gone) > KEPT:
            self._gone.popitem(last=False)

    def back(self, clothes: Floats, timestamp_ms: int, others: Iterable[Floats]) -> int | None:
        """The id of who has come back, if it is clear; others: clothes of those who are there."""
        for number, (seen_ms, _) in list(self._gone.items()):
            if timestamp_ms - seen_ms > 1000 * SECONDS:
                del self._gone[number]
        likeness = {number: alike(clothes, kept) for number, (_, kept) in self._gone.items()}
        if not likeness:
            return None
        best = max(likeness, key=lambda number: likeness[number])
        rest = [value for number, value in likeness.items() if number != best]
        rest += [alike(clothes, other) for other in others]
        if likeness[best] < CLEAR or max(rest, default=0.0) > likeness[best] - AHEAD:
            return None
        del self._gone[best]
        return best

    def clear(self) -> None:
        """Forget everyone."""
        self._gone.clear()
