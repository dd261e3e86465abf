"""The people of frames that nobody looked at, from those of the frames around them, or of the one before."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.pose import Floats, FramePose, Keypoints, Landmarks, Person

LONGEST_MS = 1000  # between two looks, or after the last; over more nobody is guessed
FASTEST = 10.0  # torsos a second of who has no id; who is further away by then is somebody else
TORSO = [KEYPOINT_NAMES.index(f"{side}_{name}") for name in ("shoulder", "hip") for side in ("left", "right")]

Moment = tuple[int, Person]  # milliseconds, and the person then


def people_between(
    before: FramePose,
    after: FramePose,
    timestamp_ms: int,
    earlier: FramePose | None = None,
    later: FramePose | None = None,
) -> tuple[Person, ...]:
    """The people at a time between two frames.

    Who is in both goes from one place to the other on a cubic curve, with the speed that the frames before and after
    those two tell of, where the person is in them. Who is in one of the two only is in none between: a person ends with
    the last look that saw it, and begins with the first.
    The same are those with the same id; without ids the first of each, unless that one would have flown.
    """
    found = []
    for one in before.persons:
        if then := _same(one, before, after):
            around = _beyond(one, before, earlier), _beyond(then[1], after, later)
            found.append(_person_at(timestamp_ms, around[0], (before.timestamp_ms, one), then, around[1]))
    return tuple(found)


def people_held(before: FramePose, timestamp_ms: int) -> tuple[Person, ...]:
    """The people at a time after a frame, where what comes next is not known: as they were, but not for too long."""
    return before.persons if timestamp_ms - before.timestamp_ms <= LONGEST_MS else ()


def _same(person: Person, frame: FramePose, other: FramePose | None) -> Moment | None:
    """The same person in another frame, not too long before or after its own."""
    if other is None or (milliseconds := abs(other.timestamp_ms - frame.timestamp_ms)) > LONGEST_MS:
        return None
    if person.track_id is not None:
        same = next((one for one in other.persons if one.track_id == person.track_id), None)
    else:
        same = other.persons[0] if other.persons and person is frame.persons[0] else None
        if same and _flies(person, same, milliseconds):
            return None
    return (other.timestamp_ms, same) if same else None


def _beyond(person: Person, frame: FramePose, other: FramePose | None) -> Moment | None:
    """The same, but for who has no landmarks there, being seen by the finder only."""
    found = _same(person, frame, other)
    return None if found and person.landmarks and not found[1].landmarks else found


def _flies(one: Person, other: Person, milliseconds: int) -> bool:
    """Whether nobody comes from the one place to the other in that time."""
    places = [person.keypoints.xy[TORSO].astype(float) for person in (one, other)]
    lengths = [float(np.hypot(*(xy[:2].mean(axis=0) - xy[2:].mean(axis=0)))) for xy in places]
    way = float(np.hypot(*(places[1].mean(axis=0) - places[0].mean(axis=0))))
    return way > max(lengths) * max(1.0, FASTEST * milliseconds / 1000)


def _person_at(now: int, earlier: Moment | None, before: Moment, after: Moment, later: Moment | None) -> Person:
    one, other = before[1], after[1]
    persons = [moment[1] for moment in (earlier, before, after, later) if moment]
    curve = _weights(now, earlier and earlier[0], before[0], after[0], later and later[0])
    share = (now - before[0]) / (after[0] - before[0])
    line = 1 - share, share  # for what must stay in [0, 1]
    landmarks = [person.landmarks for person in persons if person.landmarks]
    return replace(
        one,
        keypoints=Keypoints(
            _mix([person.keypoints.xy for person in persons], curve),
            _mix([one.keypoints.score, other.keypoints.score], line),
        ),
        score=float(line[0] * one.score + line[1] * other.score),
        box=_mix([person.box for person in persons], curve),
        landmarks=_mix_landmarks(landmarks, curve) if len(landmarks) == len(persons) else None,
    )


def _mix_landmarks(found: Sequence[Landmarks], curve: Sequence[float]) -> Landmarks:
    world = [each.world for each in found if each.world is not None]
    return Landmarks(
        _mix([each.xyz for each in found], curve),
        np.clip(_mix([each.visibility for each in found], curve), 0, 1),
        np.clip(_mix([each.presence for each in found], curve), 0, 1),
        world=_mix(world, curve) if len(world) == len(found) else None,
    )


def _mix(values: Sequence[Floats], weights: Sequence[float]) -> Floats:
    mixed: Floats = np.tensordot(weights, np.array(values), 1).astype(np.float32)
    return mixed


def _weights(now: int, earlier: int | None, before: int, after: int, later: int | None) -> list[float]:
    """What the values at these times, of those that are known, count for at another time: a cubic Hermite spline.

    At either end it has the slope of the parabola through three values, and of the line where there are only two.
    """
    step, part = after - before, (now - before) / (after - before)
    unit = np.eye(4)
    inner = (unit[2] - unit[1]) / step

    def slope(outer: np.ndarray, outer_step: int) -> np.ndarray:
        mean: np.ndarray = (outer / outer_step * step + inner * outer_step) / (step + outer_step)
        return mean

    begin = inner if earlier is None else slope(unit[1] - unit[0], before - earlier)
    end = inner if later is None else slope(unit[3] - unit[2], later - after)
    weights = (
        (1 + 2 * part) * (1 - part) ** 2 * unit[1]
        + part * (1 - part) ** 2 * step * begin
        + part**2 * (3 - 2 * part) * unit[2]
        + part**2 * (part - 1) * step * end
    )
    there = (earlier is not None, True, True, later is not None)
    return [float(weight) for weight, known in zip(weights, there, strict=True) if known]
