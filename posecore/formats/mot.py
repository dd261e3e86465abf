"""MOTChallenge's text (motchallenge.net): boxes and ids for programs that evaluate or draw tracks."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from posecore.files import replacing, writing
from posecore.pose import FramePose

NOBODYS = -1  # id of a box of nobody in particular, as in the detections of MOTChallenge


def write_mot(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Sequence[FramePose]) -> None:
    """Write a line for each person: frame from 1, id, x, y, width, height, score, -1, -1, -1.

    x, y are of the upper left corner, in pixels from 0, as trackeval takes them.

    Raises OSError when it cannot be written.
    """
    with replacing(path) as temporary, writing(path), open(temporary, "w", encoding="ascii", newline="\n") as file:
        for frame in frames:
            for person in frame.persons:
                x0, y0, x1, y1 = map(float, person.box)
                track = NOBODYS if person.track_id is None else person.track_id
                box = f"{x0:.2f},{y0:.2f},{x1 - x0:.2f},{y1 - y0:.2f}"
                file.write(f"{frame.index + 1},{track},{box},{person.score:.4f},-1,-1,-1\n")
