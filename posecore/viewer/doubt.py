"""Stretches in which a result deserves a look: somebody is missing, is unsure, or jumps."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES
from posecore.options import DEFAULTS
from posecore.viewer.series import Series

LOW = 0.3  # mean score of the 17 keypoints below which a pose is doubtful
JUMP = 0.5  # torsos that a keypoint may go from one frame to the next
NEAR_MS = 250  # stretches of one kind that are no further apart are one
SHOULDERS, HIPS = (
    [KEYPOINT_NAMES.index(f"{side}_{name}") for side in ("left", "right")] for name in ("shoulder", "hip")
)


class Doubt(NamedTuple):
    """A stretch: whose it is, as the number of the series; why; its first and last frame in the document."""

    series: int
    kind: str
    first: int
    last: int


def doubts(series: Sequence[Series], times: NDArray[np.int64]) -> list[Doubt]:
    """The doubtful stretches of everyone in the order of time; times: (n,) ms of the document's frames.

    missing: between the first and the last frame of a person who has an id; anywhere, where nobody keeps track.
    low: the mean score is below LOW. jump: a keypoint that is drawn by default in this frame and in the one before went
    further than JUMP of the longer of the two torsos, mid-shoulders to mid-hips.
    """
    found: list[Doubt] = []
    for number, one in enumerate(series):
        everywhere = one.track_id is None and number == 0
        wrong = {
            "missing": _missing(one, len(times) if everywhere else 0),
            "low": one.frames[one.score.mean(axis=1) < LOW],
            "jump": one.frames[1:][_jumps(one)],
        }
        for kind, frames in wrong.items():
            found += [Doubt(number, kind, first, last) for first, last in stretches(frames, times)]
    return sorted(found, key=lambda doubt: (doubt.first, doubt.last, doubt.series))


def stretches(frames: NDArray, times: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """First and last of the runs of rising frame numbers, those put together that are at most NEAR_MS apart."""
    if not len(frames):
        return
    apart = (np.diff(frames) > 1) & (np.diff(times[frames]) > NEAR_MS)
    ends = np.flatnonzero(apart)
    for first, last in zip([0, *(ends + 1)], [*ends, len(frames) - 1], strict=True):
        yield int(frames[first]), int(frames[last])


def _missing(one: Series, count: int) -> NDArray[np.int64]:
    """Frames without the person: of `count` from the first on, or else between its first and last."""
    expected = np.arange(count) if count else np.arange(one.frames[0], one.frames[-1] + 1)
    return np.setdiff1d(expected, one.frames, assume_unique=True)


def _jumps(one: Series) -> NDArray[np.bool_]:
    """Of every frame of the series but its first, whether it jumps there."""
    sure = one.score >= DEFAULTS.min_score
    went = np.linalg.norm(np.diff(one.xy, axis=0), axis=2)
    went[~(sure[1:] & sure[:-1])] = 0
    torso = np.linalg.norm(one.xy[:, SHOULDERS].mean(axis=1) - one.xy[:, HIPS].mean(axis=1), axis=1)
    limit = JUMP * np.maximum(torso[1:], torso[:-1])
    jumps: NDArray[np.bool_] = (limit > 0) & (went.max(axis=1) > limit) & (np.diff(one.frames) == 1)
    return jumps
