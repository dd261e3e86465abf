"""Where faces are, so that they can be hidden: rather too much than too little.

A face is a circle around the head. It is found by nose, eyes and ears where two of them are sure, else by the
shoulders, else by the box; keypoints of little score only make it larger.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import hypot
from typing import NamedTuple

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.overlay.people import people_of
from posecore.pose import Floats, FramePose, Person

HELD_MS, AHEAD_MS = 1_000, 500  # how long faces stay hidden after somebody was seen, and since when before that
GROWS = 0.6  # of its radius in a second in which nobody sees the person

FACE = [KEYPOINT_NAMES.index(name) for name in ("nose", "left_eye", "right_eye", "left_ear", "right_ear")]
SHOULDERS = [KEYPOINT_NAMES.index(name) for name in ("left_shoulder", "right_shoulder")]
HIPS = [KEYPOINT_NAMES.index(name) for name in ("left_hip", "right_hip")]
SURE = 0.3  # score of a keypoint that says where something is
GUESSED = 0.05  # score of one that may
FAR = 3  # times the radius: guesses that are further away are wrong

# An adult's head is 23 cm high, 15 wide and 19 deep, its shoulders are 35 apart, 50 above the hips. A circle has a
# radius of about 18 cm, and so reaches beyond chin and hair from all sides.
OF_FACE = 2.4  # times the distance from the middle of nose, eyes and ears to the furthest of them
OF_SHOULDERS, OF_TORSO, OF_BOX = 0.5, 0.36, 0.1  # times their distance, that to the hips, the longer side of the box
TORSO = 1.4  # in distances of the shoulders
NECK = 0.5  # from the shoulders to the middle of the head, in torsos
UNSEEN = 1.2  # times the radius where the face itself is not sure
OF_WIDTH = 0.6  # of the width of a box that alone says where somebody is, at whose top the head is


class Circle(NamedTuple):
    """In pixels."""

    x: float
    y: float
    radius: float


def faces_of(frame: FramePose, around: Sequence[FramePose] = ()) -> Iterator[Circle]:
    """The faces of everyone in a frame, and of those who are in frames shortly before or after it only.

    around: these frames, in order.
    """
    there = people_of(frame)
    yield from map(face_of, there.values())
    now = frame.timestamp_ms
    before = _nearest((other for other in reversed(around) if now - HELD_MS <= other.timestamp_ms < now), there)
    after = _nearest((other for other in around if now < other.timestamp_ms <= now + AHEAD_MS), there)
    for who in before.keys() | after.keys():
        yield _between([seen[who] for seen in (before, after) if who in seen], now)


def face_of(person: Person) -> Circle:
    """The face of somebody, as far as it can be told where that is."""
    xy, score = person.keypoints.xy[FACE], person.keypoints.score[FACE]
    least, sure, guessed = _least_radius(person), score >= SURE, score >= GUESSED
    if sure.sum() >= 2:
        x, y = xy[sure].mean(axis=0).tolist()
        distances = np.hypot(*(xy - (x, y)).T)
        near = guessed & (distances <= FAR * max(least, distances[sure].max()))
        return Circle(x, y, max(least, OF_FACE * float(distances[near].max())))
    face = head = _head_of(person, least)
    for x, y in xy[guessed].tolist():
        if hypot(x - head.x, y - head.y) <= FAR * head.radius:
            face = _around(face, Circle(x, y, least))
    return face


def _least_radius(person: Person) -> float:
    """Of the head of somebody of this size."""
    shoulders, hips = _pair(person, SHOULDERS), _pair(person, HIPS)
    sizes = [OF_BOX * float((person.box[2:] - person.box[:2]).max())]
    if shoulders is not None:
        sizes.append(OF_SHOULDERS * _distance(*shoulders))
        if hips is not None:
            sizes.append(OF_TORSO * _distance(shoulders.mean(axis=0), hips.mean(axis=0)))
    return max(sizes)


def _head_of(person: Person, least: float) -> Circle:
    """Where the head should be by the body, or, where that is not sure, by the box."""
    shoulders, hips = _pair(person, SHOULDERS), _pair(person, HIPS)
    if shoulders is None:
        x0, y0, x1, y1 = person.box.tolist()
        return Circle((x0 + x1) / 2, y0 + min(x1 - x0, y1 - y0) / 2, max(least, OF_WIDTH * (x1 - x0)))
    neck = shoulders.mean(axis=0)
    up = np.array([0, -TORSO * _distance(*shoulders)]) if hips is None else neck - hips.mean(axis=0)
    x, y = (neck + NECK * up).tolist()
    return Circle(x, y, UNSEEN * max(least, OF_TORSO * float(np.hypot(*up))))


def _pair(person: Person, both: list[int]) -> Floats | None:
    """Where two keypoints are, (2, 2); None when one of them is not sure."""
    return person.keypoints.xy[both] if (person.keypoints.score[both] >= SURE).all() else None


def _distance(one: Floats, other: Floats) -> float:
    return float(np.hypot(*(one - other)))


def _around(one: Circle, other: Circle) -> Circle:
    """The smallest circle around two."""
    distance = hypot(other.x - one.x, other.y - one.y)
    if distance <= abs(one.radius - other.radius):
        return max(one, other, key=lambda circle: circle.radius)
    radius = (one.radius + other.radius + distance) / 2
    share = (radius - one.radius) / distance
    return Circle(one.x + share * (other.x - one.x), one.y + share * (other.y - one.y), radius)


def _nearest(frames: Iterable[FramePose], there: dict[int, Person]) -> dict[int, tuple[int, Circle]]:
    """Of everyone who is not there: when it was seen first in these frames, and its face then."""
    found: dict[int, tuple[int, Circle]] = {}
    for frame in frames:
        for who, person in people_of(frame).items():
            if who not in there and who not in found:
                found[who] = frame.timestamp_ms, face_of(person)
    return found


def _between(seen: list[tuple[int, Circle]], now: int) -> Circle:
    """A face now that was seen before, later, or both: on the straight way between, and larger."""
    times = [time for time, _ in seen]
    x, y, radius = (
        float(np.interp(now, times, values)) for values in zip(*(circle for _, circle in seen), strict=True)
    )
    away = min(abs(now - time) for time in times)
    return Circle(x, y, radius * (1 + GROWS * away / 1000))
