"""Who is who: how many of the people who are to be seen are followed, and how often they change their identity.

Every box of a `<clip>.ids.json` is that of a whole person, in some frames of a video or in all; one that is "occluded"
is more than half hidden. Who is too small, too hidden or just entering may be unlabelled: to find more is no error.

- In each labelled frame people and boxes are paired one to one so that the sum of their IoU is the largest, whatever
  was before; pairs below an IoU of 0.3 are none.
- Recall: the share of visible boxes with a pair. A hidden person need not have one; who has counts for the identity.
- A change of identity: somebody's pair has another track than that person's last pair had, however long ago.
- IDF1 and HOTA, by trackeval, look at the pairs and at visible boxes without one; people found without a pair are left
  out. Both therefore tell of misses and of mixed identities, not of precision.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from posecore.evaluation.dataset import read_json
from posecore.pose import Floats, FramePose, Person
from posecore.similarity import iou

LEAST_IOU = 0.3  # of a pair
FARTHEST = 1e9  # pixels of a number in a box


@dataclass(frozen=True, eq=False)
class TrueFrame:
    """Who is to be seen in a frame.

    ids: (n,) int, the same for the same person in all frames. boxes: (n, 4) float32, x0, y0, x1, y1 in pixels.
    visible: (n,) bool, False: more than half hidden.
    """

    ids: np.ndarray
    boxes: Floats
    visible: np.ndarray


@dataclass(frozen=True)
class TrackScore:
    """How well people were followed.

    true_boxes: of visible people. found: of these the ones with a pair. changes: of identity. idf1, hota: in [0, 1].
    """

    true_boxes: int
    found: int
    changes: int
    idf1: float
    hota: float

    @property
    def recall(self) -> float:
        """The share of visible people who were found, in [0, 1]."""
        return self.found / self.true_boxes

    @property
    def changes_per_100(self) -> float:
        """Changes of identity per 100 true boxes."""
        return 100 * self.changes / self.true_boxes


class IdentityChange(NamedTuple):
    """In a frame the true `person` is paired with the track `now`, the time before with `before`."""

    frame: int
    person: int
    before: int
    now: int


def read_true_tracks(path: str | os.PathLike[str]) -> dict[int, TrueFrame]:
    """The labelled frames of a `<clip>.ids.json`, by index, in their order.

    Raises OSError when it cannot be read, ValueError when it is something else or nobody is visible in it.
    """
    content = read_json(path)
    try:
        frames = {int(index): _true_frame(people) for index, people in content["frames"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{path}: not true ids of a clip ({error!r}); eval/README.md says what they are") from error
    if not any(frame.visible.any() for frame in frames.values()):
        raise ValueError(f"{path}: nobody is visible in it; give one with boxes")
    return dict(sorted(frames.items()))


def _true_frame(people: Iterable[Mapping[str, Any]]) -> TrueFrame:
    people = list(people)
    boxes = np.array([person["bbox"] for person in people], float).reshape(-1, 4)
    if not (np.abs(boxes) < FARTHEST).all():
        raise ValueError("a bbox lies in no picture")
    boxes[:, 2:] += boxes[:, :2]
    return TrueFrame(
        np.array([person["id"] for person in people], int),
        boxes.astype(np.float32),
        np.array([not person.get("occluded", False) for person in people], bool),
    )


def score_tracks(frames: Iterable[FramePose], truth: Mapping[int, TrueFrame]) -> TrackScore:
    """Compare the people of a video, by `box` and `track_id`, with the true ones, as the text of this module says.

    truth: of `read_true_tracks`. A labelled frame that is not among the frames has nobody.

    Raises ValueError for a person without `track_id`.
    """
    pairs = _paired(frames, truth)
    found = sum(int(frame.visible[frame.rows].sum()) for frame in pairs.values())
    true_boxes = sum(int(frame.visible.sum()) for frame in pairs.values())
    return TrackScore(true_boxes, found, len(_changes(pairs)), *_idf1_and_hota(list(pairs.values())))


def identity_changes(frames: Iterable[FramePose], truth: Mapping[int, TrueFrame]) -> list[IdentityChange]:
    """The changes that `score_tracks` counts, one by one; raises what that raises."""
    return _changes(_paired(frames, truth))


@dataclass(frozen=True, eq=False)
class _Pairs:
    """People paired in one frame: rows (k,) of ids and visible (n,); tracks (k,), similarity (n, k)."""

    ids: np.ndarray
    visible: np.ndarray
    rows: np.ndarray
    tracks: np.ndarray
    similarity: np.ndarray

    @classmethod
    def of(cls, persons: Iterable[Person], true: TrueFrame) -> "_Pairs":
        persons = list(persons)
        tracks = [person.track_id for person in persons]
        if None in tracks:
            raise ValueError("a person has no track_id, so nobody is followed; run with --people all")
        similarity = (
            np.array([iou(true.boxes, person.box) for person in persons]).reshape(len(persons), len(true.ids)).T
        )
        rows, columns = linear_sum_assignment(np.where(similarity >= LEAST_IOU, similarity, 0), maximize=True)
        near = similarity[rows, columns] >= LEAST_IOU
        rows, columns = rows[near], columns[near]
        return cls(true.ids, true.visible, rows, np.array(tracks, int)[columns], similarity[:, columns])


def _paired(frames: Iterable[FramePose], truth: Mapping[int, TrueFrame]) -> dict[int, _Pairs]:
    persons = {frame.index: frame.persons for frame in frames if frame.index in truth}
    return {index: _Pairs.of(persons.get(index, ()), true) for index, true in truth.items()}


def _changes(pairs: Mapping[int, _Pairs]) -> list[IdentityChange]:
    last: dict[int, int] = {}
    changes = []
    for index, frame in pairs.items():
        for person, track in zip(frame.ids[frame.rows].tolist(), frame.tracks.tolist(), strict=True):
            before = last.get(person, track)
            if before != track:
                changes.append(IdentityChange(index, person, before, track))
            last[person] = track
    return changes


def _idf1_and_hota(pairs: list[_Pairs]) -> tuple[float, float]:
    from trackeval.metrics import HOTA, Identity

    counted = [frame.visible | np.isin(np.arange(len(frame.ids)), frame.rows) for frame in pairs]
    people, true_ids = _numbered([frame.ids[kept] for frame, kept in zip(pairs, counted, strict=True)])
    tracks, track_ids = _numbered([frame.tracks for frame in pairs])
    data = {
        "num_timesteps": len(pairs),
        "num_gt_ids": people,
        "num_tracker_ids": tracks,
        "num_gt_dets": sum(map(len, true_ids)),
        "num_tracker_dets": sum(map(len, track_ids)),
        "gt_ids": true_ids,
        "tracker_ids": track_ids,
        "similarity_scores": [frame.similarity[kept] for frame, kept in zip(pairs, counted, strict=True)],
    }
    identity = Identity({"THRESHOLD": LEAST_IOU, "PRINT_CONFIG": False}).eval_sequence(data)
    return float(identity["IDF1"]), float(np.mean(HOTA().eval_sequence(data)["HOTA"]))


def _numbered(ids: list[np.ndarray]) -> tuple[int, list[np.ndarray]]:
    """How many there are, and each as a number from 0."""
    known, numbers = np.unique(np.concatenate(ids), return_inverse=True)
    return len(known), np.split(numbers, np.cumsum([len(frame) for frame in ids])[:-1])
