"""Of the people that a setting found in successive frames: how steady they are, and how alike another setting's."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from posecore.evaluation import accelerations
from posecore.pipeline import Jumps
from posecore.pose import FramePose, Person
from posecore.similarity import area, same_people


def agreement(poses: Sequence[FramePose], reference: Sequence[FramePose]) -> NDArray[np.float64]:
    """(n,) of the same n frames by two settings: the mean OKS of their people, in [0, 1]; NaN where neither sees any.

    People are paired by OKS, the most alike first; who is seen by one setting only counts as 0.
    """
    found = np.full(len(reference), np.nan)
    for n, (one, other) in enumerate(zip(poses, reference, strict=True)):
        if people := max(len(one.persons), len(other.persons)):
            found[n] = sum(oks for _, _, oks in same_people(one.persons, other.persons)) / people
    return found


def seen_by_one(poses: Sequence[FramePose], reference: Sequence[FramePose]) -> int:
    """The number of frames in which only one of two settings sees anybody."""
    return sum(bool(one.persons) != bool(other.persons) for one, other in zip(poses, reference, strict=True))


def body_accelerations(poses: Sequence[FramePose]) -> NDArray[np.float64]:
    """(k,) of every keypoint wherever somebody is in three successive frames: body sizes per s².

    By true times, which need not be even. A body size is the square root of the person's area, by which OKS measures
    too, of its median over the frames.
    """
    found = [np.zeros(0)]
    for numbers, persons in _tracks(poses):
        size = np.sqrt(np.median([area(person) for person in persons]))
        xy = np.stack([person.keypoints.xy for person in persons]).astype(float)
        seconds = np.array([poses[n].timestamp_ms for n in numbers]) / 1000
        successive = (np.diff(numbers)[1:] == 1) & (np.diff(numbers)[:-1] == 1)
        found.append(accelerations(seconds, xy, size)[successive].ravel())
    return np.concatenate(found)


def jumps(poses: Sequence[FramePose]) -> int:
    """How often somebody was somewhere else at once, as the summary of a run counts it."""
    total = 0
    for numbers, persons in _tracks(poses):
        counted = Jumps()
        for n, person in zip(numbers, persons, strict=True):
            counted.see(person.keypoints, poses[n].timestamp_ms)
        total += counted.count
    return total


def _tracks(poses: Sequence[FramePose]) -> Iterator[tuple[NDArray[np.int64], list[Person]]]:
    """Of everyone with an id, and of the first of each frame without: the frames, and the person in each."""
    tracks: dict[int | None, dict[int, Person]] = defaultdict(dict)
    for n, frame in enumerate(poses):
        for person in frame.persons:
            tracks[person.track_id].setdefault(n, person)
    for track in tracks.values():
        yield np.array(list(track)), list(track.values())
