"""The people of a document one by one, each as arrays over time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posecore.pose import Floats, FramePose, Person

NOT_FILLED = np.zeros(17, bool)


@dataclass(frozen=True, eq=False)
class Series:
    """One person through a video, in the n frames that have this person.

    track_id: None where nobody keeps track; then the person is the first, second … of each frame.
    frames: (n,) int32, rising: numbers of frames in the document, from 0.
    xy: (n, 17, 2) float32 pixels. score: (n, 17) float32. filled: (n, 17) bool, which of them nobody saw.
    box: (n, 4) float32 pixels, x0, y0, x1, y1.
    """

    track_id: int | None
    frames: NDArray[np.int32]
    xy: Floats
    score: Floats
    filled: NDArray[np.bool_]
    box: Floats


def to_series(frames: Sequence[FramePose]) -> list[Series]:
    """Everyone in the frames, by id, before them who has none; one person without a frame where nobody ever is.

    Raises ValueError when two people of a frame have the same id.
    """
    seen: dict[tuple[int, int], list[tuple[int, Person]]] = defaultdict(list)
    for number, frame in enumerate(frames):
        nameless = 0
        for person in frame.persons:
            if person.track_id is None:
                key, nameless = (0, nameless), nameless + 1
            else:
                key = (1, person.track_id)
            if seen[key] and seen[key][-1][0] == number:
                raise ValueError(f"frame {frame.index} has the id {person.track_id} twice")
            seen[key].append((number, person))
    return [_series(seen[key]) for key in sorted(seen)] or [_nobody()]


def _series(seen: Sequence[tuple[int, Person]]) -> Series:
    numbers, persons = zip(*seen, strict=True)
    return Series(
        persons[0].track_id,
        np.array(numbers, np.int32),
        np.stack([person.keypoints.xy for person in persons]),
        np.stack([person.keypoints.score for person in persons]),
        np.stack([NOT_FILLED if (k := person.keypoints).filled is None else k.filled for person in persons]),
        np.stack([person.box for person in persons]),
    )


def _nobody() -> Series:
    none = np.zeros((0, 17, 2), np.float32)
    return Series(None, np.zeros(0, np.int32), none, none[..., 0], none[..., 0] > 0, none[:, :4, 0])
