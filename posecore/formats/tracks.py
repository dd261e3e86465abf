"""The people of a video as arrays with a place for everyone in every frame, for formats that are such tables."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posecore.formats.people import Unfit, seen, triples
from posecore.pose import FramePose, Person


@dataclass(frozen=True)
class Tracks:
    """T frames and N people, of which everyone has a column.

    index: (T,) numbers of the frames. times_ms: (T,) milliseconds. ids: N, ascending; None of somebody whom nobody
    follows. points: (T, N, 17, 3) x, y in pixels and score, NaN where a keypoint was not found. score: (T, N), NaN
    where somebody is not there. box: (T, N, 4) x0, y0, x1, y1 in pixels, the same.
    """

    index: NDArray[np.int64]
    times_ms: NDArray[np.int64]
    ids: list[int | None]
    points: NDArray[np.float64]
    score: NDArray[np.float64]
    box: NDArray[np.float64]


def to_tracks(frames: Iterable[FramePose]) -> Tracks:
    """Put everyone into the column of the id.

    Raises Unfit when a frame has two people who cannot be told apart: of one id, or both without.
    """
    index: list[int] = []
    times: list[int] = []
    found: dict[int | None, list[tuple[int, Person]]] = defaultdict(list)
    for row, frame in enumerate(frames):
        index.append(frame.index)
        times.append(frame.timestamp_ms)
        for person in seen(frame):
            if found[person.track_id] and found[person.track_id][-1][0] == row:
                raise Unfit(_alike(frame.index, person.track_id))
            found[person.track_id].append((row, person))
    ids = sorted(found, key=lambda track: -1 if track is None else track)
    shape = len(index), len(ids)
    arrays = [np.full((*shape, *last), np.nan) for last in ((17, 3), (), (4,))]
    for column, track in enumerate(ids):
        for row, person in found.pop(track):
            for array, value in zip(arrays, (triples(person), round(person.score, 4), person.box), strict=True):
                array[row, column] = value
    return Tracks(np.array(index, np.int64), np.array(times, np.int64), ids, *arrays)


def _alike(index: int, track: int | None) -> str:
    if track is None:
        return (
            f"frame {index} has several people without a track_id, and this format tells them apart by it; run with "
            "--people all, or take csv, coco or openpose"
        )
    return f"frame {index} has track {track} twice; mend it with posecore tracks"
