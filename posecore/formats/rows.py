"""The long table: a row for each keypoint of everyone in every frame, as CSV and Parquet have it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.formats.foreign import Foreign
from posecore.formats.people import person_of, seen, triples
from posecore.pose import Floats, FramePose, Person

# time: seconds. track: None of somebody whom nobody follows. x, y: pixels, None where the keypoint was not found.
COLUMNS = ("frame", "time", "track", "keypoint", "x", "y", "score")

Row = tuple[int, float, int | None, str, float | None, float | None, float]


def rows(frames: Iterable[FramePose]) -> Iterator[Row]:
    """The rows of COLUMNS."""
    for frame in frames:
        seconds = frame.timestamp_ms / 1000
        for person in seen(frame):
            for name, (x, y, score) in zip(KEYPOINT_NAMES, triples(person).tolist(), strict=True):
                place = (None, None, 0.0) if math.isnan(score) else (x, y, score)
                yield frame.index, seconds, person.track_id, name, *place


def read_rows(table: Iterable[tuple[Any, ...]]) -> Foreign:
    """People from rows of COLUMNS in any order, as numbers or words; what is empty or NaN is missing.

    Of somebody without a track, the rows of a frame begin anew where a keypoint comes again.
    """
    found: dict[int, dict[Any, Floats]] = defaultdict(dict)
    times: dict[int, int] = {}
    order = {name: number for number, name in enumerate(KEYPOINT_NAMES)}
    for frame, time, track, keypoint, x, y, score in table:
        people = found[index := int(frame)]
        if (seconds := _number(time)) is not None:
            times[index] = round(1000 * seconds)
        place, who = order[keypoint], _number(track)
        key = _unfollowed(people, place) if who is None else int(who)
        points = people.setdefault(key, np.full((17, 3), np.nan, np.float32))
        if not np.isnan(points[place, 2]):
            raise ValueError(f"frame {index} has {keypoint} of track {key} twice")
        values = _number(x), _number(y), _number(score)
        points[place] = (0, 0, 0) if None in values else values
    if not found:
        raise ValueError("it has no rows")
    return Foreign([(index, _people(found[index])) for index in sorted(found)], times)


def _unfollowed(people: dict[Any, Floats], place: int) -> tuple[None, int]:
    """The key of the first person without a track of whom this keypoint was not seen yet."""
    number = 0
    while (None, number) in people and not np.isnan(people[None, number][place, 2]):
        number += 1
    return None, number


def _people(points: dict[Any, Floats]) -> tuple[Person, ...]:
    made = (person_of(array, key if isinstance(key, int) else None) for key, array in points.items())
    return tuple(person for person in made if person is not None)


def _number(value: Any) -> float | None:
    """As a number; None for what is empty."""
    if value is None or value == "":
        return None
    number = float(value)
    return None if math.isnan(number) else number
