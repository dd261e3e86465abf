"""People as the numbers that other formats have of them, and back; and what their tracks are called there.

A keypoint of score 0 was not found: other formats leave it out, each in its own way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from posecore.pose import FramePose, Keypoints, Person

NOBODYS = "person"  # the label of somebody whom nobody follows


class Unfit(ValueError):
    """A document has what a format cannot hold."""


def seen(frame: FramePose) -> list[Person]:
    """Those of whom at least one keypoint was found; a format without boxes has nothing to say of others."""
    return [person for person in frame.persons if person.keypoints.score.any()]


def triples(person: Person, missing: float = np.nan) -> NDArray[np.float64]:
    """(17, 3): x, y in pixels and score, rounded as the document is; all `missing` where it was not found."""
    keypoints = person.keypoints
    xy, score = np.round(keypoints.xy.astype(np.float64), 2), np.round(keypoints.score.astype(np.float64), 4)
    return np.where(keypoints.score[:, None] > 0, np.column_stack([xy, score]), missing)


def person_of(
    values: Iterable[Sequence[float]] | NDArray[np.floating],
    track_id: int | None = None,
    score: float | None = None,
    box: Sequence[float] | NDArray[np.floating] | None = None,
) -> Person | None:
    """Somebody from (17, 3) x, y and score; None for nobody, of whom there is neither a keypoint nor a box.

    A keypoint that is not finite or of score 0 was not found, and a score above 1, which other programs know, is 1.
    score: None is the mean of the keypoints'. box: x0, y0, x1, y1; None is the extent of those found.
    """
    with np.errstate(over="ignore"):  # what is too large becomes infinite
        array = np.asarray(values, np.float32)
        given = None if box is None else np.asarray(box, np.float32)
    if array.shape != (17, 3):
        raise ValueError(f"a person has {array.shape} numbers, expected (17, 3)")
    found = np.isfinite(array).all(axis=1) & (array[:, 2] > 0)
    array = np.where(found[:, None], array, 0)
    keypoints = Keypoints(array[:, :2], np.clip(array[:, 2], 0, 1))
    if given is None and not found.any():
        return None
    if given is None:
        given = np.array([*array[found, :2].min(axis=0), *array[found, :2].max(axis=0)])
    own = float(keypoints.score.mean()) if score is None else min(max(score, 0.0), 1.0)
    return Person(keypoints, own, given, track_id)


def labels(ids: Sequence[int | None], names: Mapping[str, str]) -> list[str]:
    """What tracks are called where ids are words: by the name that a person gave, else person_1 for 1 and so on."""
    given = [NOBODYS if track is None else names.get(str(track)) or f"{NOBODYS}_{track}" for track in ids]
    return [f"{label}_{track}" if given.count(label) > 1 else label for label, track in zip(given, ids, strict=True)]


def ids_of(words: Sequence[str]) -> tuple[list[int | None], dict[str, str]]:
    """The ids of tracks that have words for ids, and names by id: the way back from `labels`.

    track_7 and the like are 7; who has a name gets the first number that is free.
    """
    numbers = [re.fullmatch(rf"(?:{NOBODYS}|track|individual|id)?[_ ]?(\d+)", word) for word in words]
    known = [int(number[1]) if number else None for number in numbers]
    taken = {track for track in known if track is not None}
    if len(taken) < sum(track is not None for track in known):  # track_1 and person_1: two people
        known, taken = [None] * len(words), set()
    free = (number for number in range(1, len(words) + len(taken) + 1) if number not in taken)
    ids: list[int | None] = []
    names = {}
    for word, track in zip(words, known, strict=True):
        if track is None and word != NOBODYS:
            track = next(free)
            names[str(track)] = word
        ids.append(track)
    return ids, names
