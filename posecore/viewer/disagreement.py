"""Where two runs over one video disagree: who is whom by OKS, frame by frame."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from posecore.pose import FramePose
from posecore.similarity import same_people
from posecore.viewer.doubt import stretches

APART = 0.5  # disagreement from which on a frame is one to look at: OKS below which COCO counts a pose as wrong


class Stretch(NamedTuple):
    """First and last frame, the mean disagreement, and whether the runs differ mostly in who is there."""

    first: int
    last: int
    mean: float
    who: bool


@dataclass(frozen=True, eq=False)
class Disagreement:
    """Of one run with another.

    frames: (n,) float32 in [0, 1], for every frame of the first: 1 - OKS of the two poses that are least alike; 1 where
        somebody is in one run only, unless a run follows one person by design, who then is in neither or one; NaN where
        the other run has no such frame.
    stretches: in which it is at least APART, worst first: by what they add up to.
    partners: of everyone in the first run who is most often the same person in the other, as (id or None) → the same.
    """

    frames: NDArray[np.float32]
    stretches: list[Stretch]
    partners: dict[int | None, int | None]


def disagreement(frames: Sequence[FramePose], others: Sequence[FramePose]) -> Disagreement:
    """Compare two runs, frame by frame at the same time.

    Raises ValueError when they have no frame in common.
    """
    times, there = _times(frames), _times(others)
    one_only = any(max(len(frame.persons) for frame in run) < 2 for run in (frames, others))
    nearest = _nearest(times, there)
    if (nearest < 0).all():
        raise ValueError("has no frame at the time of one of the first; is it of the same video?")
    found = np.full(len(frames), np.nan, np.float32)
    alone = np.zeros(len(frames), bool)
    partners: Counter[tuple[int | None, int | None]] = Counter()
    for number, other in enumerate(nearest.tolist()):
        if other >= 0:
            ones, twos = frames[number].persons, others[other].persons
            pairs = list(same_people(ones, twos))
            partners.update((ones[a].track_id, twos[b].track_id) for a, b, _ in pairs)
            alone[number] = len(pairs) < min(max(len(ones), len(twos)), 1 if one_only else np.inf)
            found[number] = 1.0 if alone[number] else max((1 - oks for _, _, oks in pairs), default=0.0)
    return Disagreement(found, _worst(found, alone, times), dict(key for key, _ in reversed(partners.most_common())))


def _times(frames: Sequence[FramePose]) -> NDArray[np.int64]:
    return np.array([frame.timestamp_ms for frame in frames])


def _nearest(times: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each time the number of the nearest there, -1 where that is another frame."""
    after = np.searchsorted(there, times).clip(1, max(1, len(there) - 1))
    near = np.where(times - there[after - 1] <= there[after.clip(0, len(there) - 1)] - times, after - 1, after)
    near = near.clip(0, len(there) - 1)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 2.0
    return np.where(abs(there[near] - times) <= step / 2, near, -1)


def _worst(found: NDArray[np.float32], alone: NDArray[np.bool_], times: NDArray[np.int64]) -> list[Stretch]:
    every = [
        Stretch(first, last, float(np.nanmean(found[first : last + 1])), bool(alone[first : last + 1].mean() > 0.5))
        for first, last in stretches(np.flatnonzero(found >= APART), times)
    ]
    return sorted(every, key=lambda stretch: -stretch.mean * (stretch.last - stretch.first + 1))
