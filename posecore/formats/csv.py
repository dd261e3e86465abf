"""CSV, long: a row for each keypoint, which pandas, R and spreadsheets read."""

import csv
import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from posecore.files import replacing, writing
from posecore.formats.foreign import Foreign
from posecore.formats.rows import COLUMNS, read_rows, rows
from posecore.pose import FramePose


def write_csv(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write a head and the rows of `rows`; track, x and y are empty where there are none.

    Raises OSError when it cannot be written.
    """
    with replacing(path) as temporary, writing(path), open(temporary, "w", encoding="ascii", newline="\n") as file:
        file.write(",".join(COLUMNS) + "\n")
        for frame, time, track, name, x, y, score in rows(frames):
            who = "" if track is None else track
            place = "," if x is None else f"{x:.2f},{y:.2f}"
            file.write(f"{frame},{time:.3f},{who},{name},{place},{score:.4f}\n")


def is_csv(path: Path, head: bytes) -> bool:
    """Whether the first line names keypoints and where they are."""
    words = {word.strip(b' "\r') for word in head.removeprefix(BOM_UTF8).partition(b"\n")[0].split(b",")}
    return {b"frame", b"keypoint", b"x", b"y"} <= words


def read_csv(path: Path) -> Foreign:
    """Read such a table; its columns may be in any order, and time, track and score may be missing."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        table = csv.reader(file)
        head = [word.strip() for word in next(table)]
        places = [head.index(name) if name in head else None for name in COLUMNS]
        if missing := {"frame", "keypoint", "x", "y"} - set(head):
            raise ValueError(f"it has no column {', '.join(sorted(missing))}")
        default = ["", "", "", "", "", "", "1"]  # without scores every keypoint that has a place is found
        return read_rows(
            tuple(default[n] if place is None else row[place] for n, place in enumerate(places)) for row in table if row
        )
