"""One set of ids for a video that was done in segments, each of which had ids of its own, from 1 on.

A segment begins some seconds early, to warm up, so that there are frames in which it and the one before it say who is
where: two who are in the same place there are the same person.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from posecore.pose import Floats, FramePose
from posecore.similarity import iou
from posecore.tracking.association import assign

WITHIN_MS = 4_000  # before a seam: the frames that are compared, all that a segment warms up on
AGREES = 0.5  # IoU from which on two boxes are in the same place
HALVED_MS = 500  # earlier a frame counts half as much: who has just begun to look may mistake one for the other


class Place(NamedTuple):
    """Where somebody was in a frame; the corners of the box are pixels."""

    timestamp_ms: int
    track_id: int
    x0: float
    y0: float
    x1: float
    y1: float


class Ends:
    """Who was where at the two ends of a segment: shortly before it begins, and shortly before it ends.

    start_ms: the timestamp it begins with. ids: of everyone in it, in the order of their coming.
    """

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.ids: list[int] = []
        self.before: deque[Place] = deque()
        self.last: deque[Place] = deque()

    def see(self, frame: FramePose) -> None:
        """The next frame, from the first to warm up on."""
        inside = frame.timestamp_ms >= self.start_ms
        places = self.last if inside else self.before
        end = frame.timestamp_ms if inside else self.start_ms
        for person in frame.persons:
            if person.track_id is not None:
                places.append(Place(frame.timestamp_ms, person.track_id, *map(float, person.box)))
                if inside and person.track_id not in self.ids:
                    self.ids.append(person.track_id)
        while places and places[0].timestamp_ms < end - WITHIN_MS:
            places.popleft()

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes the same of."""
        return {"start_ms": self.start_ms, "ids": self.ids, "before": list(self.before), "last": list(self.last)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What was made JSON of."""
        ends = cls(values["start_ms"])
        ends.ids = list(values["ids"])
        ends.before, ends.last = (deque(Place(*place) for place in values[name]) for name in ("before", "last"))
        return ends


def join_ids(segments: Sequence[Ends]) -> list[dict[int, int]]:
    """For each segment of a video, in order, the ids of its people in all of the video, by those that it has itself.

    Who is on both sides of a seam keeps the id; everyone else has a new one, from 1 on in the order of their coming.
    """
    joined: list[dict[int, int]] = []
    count = 0
    last: Iterable[Place] = ()
    for segment in segments:
        known = same_people(last, segment.before)
        ids: dict[int, int] = {}
        for track_id in segment.ids:
            if track_id in known:
                ids[track_id] = joined[-1][known[track_id]]
            else:
                count += 1
                ids[track_id] = count
        joined.append(ids)
        last = segment.last
    return joined


def same_people(one: Iterable[Place], other: Iterable[Place]) -> dict[int, int]:
    """Who of `other` is who of `one`: those whose boxes agree most, over all frames and all pairs at once.

    Late frames count more than early ones. Who agrees with nobody is left out.
    """
    theirs = _by_time(one)
    end = max(theirs, default=0)
    agreement: dict[tuple[int, int], float] = defaultdict(float)
    for timestamp_ms, (ids, boxes) in _by_time(other).items():
        if timestamp_ms in theirs:
            their_ids, their_boxes = theirs[timestamp_ms]
            for track_id, box in zip(ids, boxes, strict=True):
                for their_id, overlap in zip(their_ids, iou(their_boxes, box), strict=True):
                    if overlap >= AGREES:
                        agreement[their_id, track_id] += float(overlap) * 2 ** ((timestamp_ms - end) / HALVED_MS)
    rows, columns = (sorted({pair[side] for pair in agreement}) for side in (0, 1))
    costs = np.array([[-agreement[row, column] for column in columns] for row in rows])
    return {columns[column]: rows[row] for row, column in assign(costs, 0)}


def _by_time(places: Iterable[Place]) -> dict[int, tuple[list[int], Floats]]:
    """The ids and boxes, (n, 4), of every frame."""
    frames: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        frames[place.timestamp_ms].append(place)
    return {
        time: ([place.track_id for place in there], np.array([place[2:] for place in there], np.float32))
        for time, there in frames.items()
    }
