"""The people of a whole video, calmed afterwards: from frames to frames."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import is_

import numpy as np

from posecore.options import Smoothing
from posecore.pose import FramePose, Keypoints, Landmarks, Person
from posecore.tracking.filters import Values
from posecore.tracking.landmark_paths import smooth_landmarks
from posecore.tracking.paths import Paths, either, smooth_points, usual_interval

ROUNDED = 0.02  # pixels; a box that is no further beside the extent of the keypoints is their extent

Track = dict[int, Person]  # by the number of the frame, in their order


@dataclass
class Smoothed:
    """What was done, in keypoints of all tracks from their first frame to their last.

    missing: how many there were not. jumps: that were taken out. filled: that were put in.
    """

    tracks: int = 0
    keypoints: int = 0
    missing: int = 0
    jumps: int = 0
    filled: int = 0

    def see(self, score: Values, paths: Paths) -> None:
        """Count those of a track."""
        self.tracks += 1
        self.keypoints += score.size
        self.missing += int((score == 0).sum())
        self.jumps += paths.jumps
        self.filled += int(paths.filled.sum())

    def __str__(self) -> str:
        left = self.missing + self.jumps - self.filled
        return (
            f"{self.jumps} jumps taken out, {self.filled} keypoints filled, of {self.keypoints} {self.missing} missing "
            f"before and {left} after"
        )


def smooth_frames(
    frames: Sequence[FramePose], smoothing: Smoothing, size: tuple[int, int]
) -> tuple[list[FramePose], Smoothed]:
    """The frames with everyone's keypoints and landmarks smoothed, and what was done to the keypoints.

    A keypoint whose score is 0 is missing. One that is put in is marked as `filled` and has the lower score of the two
    beside it; a person who was missing for a moment likewise, at the place among the others that they had before. A
    frame in which nothing changes is given back itself.

    size: (width, height) of the picture, of which landmarks are fractions.

    Raises ValueError where people cannot be told apart, times go back, or the cut-off is at or above half the rate.
    """
    times, done = _times(frames), Smoothed()
    if len(frames) > 1:
        _check_cutoff(smoothing, 1 / usual_interval(times))
    calm: dict[tuple[int | None, int], Person] = {}
    new: dict[int, list[Person]] = defaultdict(list)
    for track_id, track in _tracks(frames).items():
        for number, person in _smooth_track(times, track, smoothing, size, done).items():
            if number in track:
                calm[track_id, number] = person
            else:
                new[number].append(person)
    changed: list[FramePose] = []
    for number, frame in enumerate(frames):
        persons = [calm[person.track_id, number] for person in frame.persons]
        places = {person.track_id: place for place, person in enumerate(changed[-1].persons)} if changed else {}
        for person in sorted(new[number], key=lambda person: places[person.track_id]):
            persons.insert(places[person.track_id], person)
        same = len(persons) == len(frame.persons) and all(map(is_, persons, frame.persons))
        changed.append(frame if same else replace(frame, persons=tuple(persons)))
    return changed, done


def _check_cutoff(smoothing: Smoothing, rate: float) -> None:
    if smoothing.cutoff and smoothing.cutoff >= rate / 2:
        raise ValueError(
            f"a cut-off of {smoothing.cutoff:g} Hz needs more than {2 * smoothing.cutoff:g} frames/s, and there are "
            f"{rate:.4g}; give a --cutoff below {rate / 2:.3g}"
        )


def _times(frames: Sequence[FramePose]) -> Values:
    """Seconds; frames of the same millisecond are one apart."""
    if not frames:
        raise ValueError("it has no frames; make it anew")
    stamps = np.array([frame.timestamp_ms for frame in frames], np.float64)
    if (np.diff(stamps) < 0).any():
        late = frames[int(np.argmax(np.diff(stamps) < 0)) + 1]
        raise ValueError(f"the timestamp_ms of frame {late.index} is before that of the frame before it; mend it")
    numbers = np.arange(len(stamps))
    times: Values = (np.maximum.accumulate(stamps - numbers) + numbers) / 1000
    return times


def _tracks(frames: Sequence[FramePose]) -> Mapping[int | None, Track]:
    tracks: dict[int | None, Track] = defaultdict(dict)
    for number, frame in enumerate(frames):
        for person in frame.persons:
            if number in tracks[person.track_id]:
                who = "without a track_id" if person.track_id is None else f"with track_id {person.track_id}"
                raise ValueError(f"frame {frame.index} has two people {who}; follow them with --people all")
            tracks[person.track_id][number] = person
    return tracks


def _smooth_track(times: Values, track: Track, smoothing: Smoothing, size: tuple[int, int], done: Smoothed) -> Track:
    """The same track, with the frames in which the person is put in."""
    first, last = min(track), max(track)
    rows = {number - first: person for number, person in track.items()}
    xy, score = np.full((last - first + 1, 17, 2), np.nan), np.zeros((last - first + 1, 17))
    xy[list(rows)] = [person.keypoints.xy for person in rows.values()]
    score[list(rows)] = [person.keypoints.score for person in rows.values()]
    xy[score == 0] = np.nan
    interval, times = usual_interval(times), times[first : last + 1]
    paths = smooth_points(times, xy, score, smoothing, interval)
    landmarks = smooth_landmarks(times, rows, size, smoothing, interval)
    done.see(score, paths)
    made, seen = {}, sorted(rows)
    for row in sorted({*seen, *np.flatnonzero(paths.filled.any(axis=1)).tolist()}):
        person = rows[row] if row in rows else _unseen(*(rows[seen[bisect(seen, row) + side]] for side in (-1, 0)))
        made[first + row] = _changed(person, paths, row, landmarks.get(row))
    return made


def _unseen(before: Person, after: Person) -> Person:
    """Somebody between two frames, of whom nothing is known yet."""
    keypoints = Keypoints(before.keypoints.xy, np.zeros(17, np.float32))
    around = Person.around(keypoints, min(before.score, after.score))
    return replace(around, track_id=before.track_id)


def _changed(person: Person, paths: Paths, row: int, landmarks: Landmarks | None) -> Person:
    """The person as a row of the paths has them, in all that follows from it."""
    old, filled = person.keypoints, paths.filled[row]
    xy = either(paths.points[row], old.xy)
    if not filled.any() and np.array_equal(xy, old.xy):
        return person
    score = np.where(filled, paths.score[row], old.score).astype(np.float32)
    marks = filled if old.filled is None else filled | old.filled
    keypoints = Keypoints(xy, score, marks if marks.any() else None)
    of_extent = np.abs(person.box - Person.around(old, person.score).box).max() <= ROUNDED
    box = Person.around(keypoints, person.score).box if of_extent else person.box
    return replace(person, keypoints=keypoints, box=box, landmarks=landmarks)
