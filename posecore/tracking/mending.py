"""Mend by hand who is who: list the tracks of a video, exchange, join and drop them.

Frames are not changed but made anew; a frame in which nothing changes is given back itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from posecore.pose import FramePose, Person


@dataclass(frozen=True)
class Track:
    """One person through a video.

    first_ms, last_ms: timestamps of the first and the last frame. frames: in which the person is.
    score: the mean of the person's. height: the median of the box's, in pixels.
    """

    track_id: int
    first_ms: int
    last_ms: int
    frames: int
    score: float
    height: float


def list_tracks(frames: Sequence[FramePose]) -> list[Track]:
    """Every track, by its first frame and then by id; people without an id have none."""
    seen: dict[int, list[tuple[int, Person]]] = defaultdict(list)
    for frame in frames:
        for person in frame.persons:
            if person.track_id is not None:
                seen[person.track_id].append((frame.timestamp_ms, person))
    tracks = [_track(track_id, found) for track_id, found in seen.items()]
    return sorted(tracks, key=lambda track: (track.first_ms, track.track_id))


def _track(track_id: int, found: Sequence[tuple[int, Person]]) -> Track:
    score = float(np.mean([person.score for _, person in found]))
    height = float(np.median([person.box[3] - person.box[1] for _, person in found]))
    return Track(track_id, found[0][0], found[-1][0], len(found), score, height)


def swap_tracks(frames: Sequence[FramePose], one: int, other: int, since_ms: float = 0) -> list[FramePose]:
    """Exchange two ids in all frames from a timestamp on, in milliseconds.

    Raises ValueError when the ids are the same, one is not there, or neither is from then on.
    """
    check_tracks(frames, one, other)
    ids = {one: other, other: one}
    changed = [_renumbered(frame, ids) if frame.timestamp_ms >= since_ms else frame for frame in frames]
    if all(new is old for new, old in zip(changed, frames, strict=True)):
        raise ValueError(f"neither track {one} nor {other} is there from {since_ms / 1000:g} s on; begin earlier")
    return changed


def merge_tracks(frames: Sequence[FramePose], one: int, other: int) -> list[FramePose]:
    """Give the people of track `other` the id `one`.

    Raises ValueError when the ids are the same, one is not there, or both are in one frame.
    """
    check_tracks(frames, one, other)
    both = next((frame for frame in frames if {one, other} <= {person.track_id for person in frame.persons}), None)
    if both:
        raise ValueError(
            f"tracks {one} and {other} are both in frame {both.index} ({both.timestamp_ms / 1000:g} s), so they are "
            "two people; swap them from the time on at which they were mixed up, or drop one"
        )
    return [_renumbered(frame, {other: one}) for frame in frames]


def drop_track(frames: Sequence[FramePose], one: int) -> list[FramePose]:
    """Leave out everybody of a track.

    Raises ValueError when it is not there.
    """
    check_tracks(frames, one)
    return [_with(frame, [person for person in frame.persons if person.track_id != one]) for frame in frames]


def check_tracks(frames: Sequence[FramePose], *ids: int) -> None:
    """Raise ValueError when a track is not there, or named twice."""
    known = sorted(track.track_id for track in list_tracks(frames))
    if not known:
        raise ValueError("nobody in it has a track_id; run with --people all")
    for track_id in ids:
        if track_id not in known:
            raise ValueError(f"there is no track {track_id}; there are {', '.join(map(str, known))}")
    if len(set(ids)) < len(ids):
        raise ValueError(f"track {ids[0]} is named twice; name two tracks")


def _renumbered(frame: FramePose, ids: dict[int, int]) -> FramePose:
    def new(person: Person) -> Person:
        return person if person.track_id not in ids else replace(person, track_id=ids[person.track_id])

    return _with(frame, [new(person) for person in frame.persons])


def _with(frame: FramePose, persons: Sequence[Person]) -> FramePose:
    same = len(persons) == len(frame.persons) and all(a is b for a, b in zip(persons, frame.persons, strict=True))
    return frame if same else replace(frame, persons=tuple(persons))
