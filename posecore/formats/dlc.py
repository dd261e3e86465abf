"""DeepLabCut's CSV: a row for each frame; three lines of head for one person, four for several."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.files import replacing, writing
from posecore.formats.foreign import Foreign
from posecore.formats.people import Unfit, ids_of, labels, person_of
from posecore.formats.tracks import Tracks, to_tracks
from posecore.pose import FramePose, Person

SCORER = "posecore"  # what stands where DeepLabCut names the network
COORDS = ("x", "y", "likelihood")


def write_dlc(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write the one person that there is: number of the frame, then x, y and likelihood of each keypoint.

    x and y of what was not found are empty, and its likelihood is 0: pandas takes a first row in which everything is
    empty for a head.

    Raises Unfit when there are several people, OSError when it cannot be written.
    """
    tracks = to_tracks(frames)
    if len(tracks.ids) > 1:
        known = ", ".join(str(track) for track in tracks.ids)
        raise Unfit(f"has several people ({known}), and dlc holds one; take dlc-multi, or drop the others")
    _write(path, tracks, None)


def write_multi(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write the same with columns for everyone, by name or as person_1 for track 1.

    Raises Unfit when people cannot be told apart, OSError when it cannot be written.
    """
    tracks = to_tracks(frames)
    _write(path, tracks, labels(tracks.ids, meta.get("track_names", {})))


def _write(path: str | os.PathLike[str], tracks: Tracks, individuals: Sequence[str] | None) -> None:
    columns = [(who, name, coord) for who in individuals or [""] for name in KEYPOINT_NAMES for coord in COORDS]
    heads = zip(("individuals", "bodyparts", "coords"), zip(*columns, strict=True), strict=True)
    with replacing(path) as temporary, writing(path), open(temporary, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["scorer", *[SCORER] * len(columns)])
        table.writerows([word, *head] for word, head in heads if individuals is not None or word != "individuals")
        for index, row in zip(tracks.index.tolist(), tracks.points, strict=True):
            points = row.reshape(-1, 3) if row.size else np.full((17, 3), np.nan)  # nobody in all of the video
            cells = (("", "", 0.0) if score != score else (x, y, score) for x, y, score in points.tolist())
            table.writerow([index, *chain.from_iterable(cells)])


def is_dlc(path: Path, head: bytes) -> bool:
    """Whether it begins with the three lines of one person."""
    return head.startswith(b"scorer,") and not is_multi(path, head)


def is_multi(path: Path, head: bytes) -> bool:
    """Whether it begins with the four lines of several people."""
    return head.startswith(b"scorer,") and b"\nindividuals," in head


def read_dlc(path: Path) -> Foreign:
    """Read either; of the parts of the body those count that have a name of COCO's keypoints."""
    with open(path, encoding="utf-8", newline="") as file:
        table = csv.reader(file)
        heads: dict[str, list[str]] = {}
        while "coords" not in heads:
            word, *head = next(table)
            heads[word] = head
        individuals = heads.get("individuals", ["person"] * len(heads["coords"]))
        names = list(dict.fromkeys(individuals))
        ids, given = ids_of(names)
        places = {}
        for column, key in enumerate(zip(individuals, heads["bodyparts"], heads["coords"], strict=True), 1):
            who, part, coord = key
            if part in KEYPOINT_NAMES and coord in COORDS:
                places[names.index(who), KEYPOINT_NAMES.index(part), COORDS.index(coord)] = column
        if not places:
            parts = ", ".join(dict.fromkeys(heads["bodyparts"]))
            raise ValueError(f"none of its parts ({parts}) is a keypoint of COCO, as left_knee is")
        frames = list(_frames(table, places, ids))
    return Foreign(frames, frame_count=frames[-1][0] + 1, names=given)


def _frames(
    table: Iterable[list[str]], places: Mapping[tuple[int, int, int], int], ids: Sequence[int | None]
) -> Iterator[tuple[int, list[Person]]]:
    for number, row in enumerate(table):
        points = np.full((len(ids), 17, 3), np.nan, np.float32)
        for place, column in places.items():
            points[place] = float(row[column] or "nan")
        made = [person_of(values, track) for values, track in zip(points, ids, strict=True)]
        yield int(row[0]) if row[0].isdecimal() else number, [person for person in made if person is not None]
