"""NumPy's archive of arrays (numpy.load): everyone in every frame, ready to calculate with."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES
from posecore.files import replacing, writing
from posecore.formats.foreign import Foreign
from posecore.formats.people import person_of
from posecore.formats.tracks import to_tracks
from posecore.pose import FramePose, Person

NOBODYS = -1  # id of somebody whom nobody follows


def write_npz(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write arrays of T frames and N people, NaN for what is not there.

    keypoints: (T, N, 17, 3) float32, x, y in pixels and score. score: (T, N) float32, of a person. box: (T, N, 4)
    float32, x0, y0, x1, y1 in pixels. time: (T,) float64, seconds. frame: (T,), numbers from 0. track_id: (N,), -1 of
    somebody whom nobody follows. track_name: (N,), empty where a person has given none. keypoint_name: (17,).
    fps, size (width, height) and source are of the video.

    Raises Unfit when people cannot be told apart, OSError when it cannot be written.
    """
    tracks, names = to_tracks(frames), meta.get("track_names", {})
    arrays = {
        "keypoints": tracks.points.astype(np.float32),
        "score": tracks.score.astype(np.float32),
        "box": tracks.box.astype(np.float32),
        "time": tracks.times_ms / 1000,
        "frame": tracks.index,
        "track_id": np.array([NOBODYS if track is None else track for track in tracks.ids], np.int64),
        "track_name": np.array([names.get(str(track), "") for track in tracks.ids], np.str_),
        "keypoint_name": np.array(KEYPOINT_NAMES),
        "fps": np.array(meta["fps"], np.float64),
        "size": np.array([meta["width"], meta["height"]]),
        "source": np.array(meta["source"]),
    }
    with replacing(path) as temporary, writing(path), open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def is_npz(path: Path, head: bytes) -> bool:
    """Whether it is a zip archive."""
    return head.startswith(b"PK\x03\x04")


def read_npz(path: Path) -> Foreign:
    """Read what `write_npz` writes."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    ids = [None if track == NOBODYS else int(track) for track in arrays["track_id"]]
    named = zip(ids, _text(arrays["track_name"]), strict=True)
    index = arrays["frame"].tolist()
    width, height = arrays["size"].tolist()
    return Foreign(
        [(number, _people(arrays, row, ids)) for row, number in enumerate(index)],
        dict(zip(index, np.round(1000 * arrays["time"]).astype(int).tolist(), strict=True)),
        (width, height),
        float(arrays["fps"]),
        index[-1] + 1,
        _text(arrays["source"])[0],
        {str(track): name for track, name in named if name},
    )


def _text(array: NDArray[Any]) -> list[str]:
    """Its elements; UnicodeDecodeError where there is no text: NumPy takes any number for a letter, Python does not."""
    letters = array.astype("<U").ravel()
    letters.tobytes().decode("utf-32-le", "surrogatepass")
    return list(letters.tolist())


def _people(arrays: Mapping[str, Any], row: int, ids: list[int | None]) -> list[Person]:
    there = np.flatnonzero(~np.isnan(arrays["score"][row])).tolist()
    points, scores, boxes = (arrays[name][row] for name in ("keypoints", "score", "box"))
    made = [person_of(points[who], ids[who], float(scores[who]), boxes[who]) for who in there]
    return [person for person in made if person is not None]
