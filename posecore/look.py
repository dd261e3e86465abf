"""What a pose network says of one region of a picture: how people are followed, whatever the network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from posecore.pose import Floats, Image, Person


@dataclass(frozen=True, eq=False)
class Look:
    """Somebody, perhaps, in a region of a picture.

    person: in pixels of the picture.
    sure: in [0, 1], that somebody is there; below `PoseNetwork.seen` the network sees nobody.
    aim: the region in which the network would look for the same person next; only the network knows what it is.
    """

    person: Person
    sure: float
    aim: Any


Filter = Callable[[Look, int], Person]


class PoseNetwork(Protocol):
    """A network that looks at one person at a time and remembers nothing.

    Pictures are (height, width, 3) uint8 RGB. seen: the least `Look.sure` of somebody who is there.
    """

    seen: float

    def find(self, image: Image, box: Floats) -> Look | None:
        """Somebody in a box, x0, y0, x1, y1 in pixels; None where the network finds nothing to look at."""
        ...

    def follow(self, image: Image, look: Look, moved: Floats) -> Look:
        """Somebody where an earlier look said, moved by (x, y) pixels since then."""
        ...

    def filter(self, width: int, height: int) -> Filter:
        """Something that smooths one person in a video of width × height pixels.

        Call it with each look at the person and its time in ms: it gives the person, calmer.
        """
        ...

    def close(self) -> None:
        """Leave the networks to the next one."""
        ...
