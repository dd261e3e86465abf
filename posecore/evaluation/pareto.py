"""Which of many choices no other beats."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def pareto_front(points: Mapping[Key, tuple[float, float]]) -> list[Key]:
    """The choices that no other beats, the cheapest first.

    points: (cost, worth) of each. One beats another if it costs no more and is worth no less, and is better in one.
    """
    front = [
        key
        for key, (cost, worth) in points.items()
        if not any(c <= cost and w >= worth and (c, w) != (cost, worth) for c, w in points.values())
    ]
    return sorted(front, key=lambda key: points[key])
