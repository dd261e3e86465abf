"""OpenPose's folder (CMU-Perceptual-Computing-Lab/openpose, doc/02_output.md): a JSON file for each frame."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.coco import KEYPOINT_NAMES
from posecore.files import replacing_folder, writing
from posecore.formats.foreign import Foreign
from posecore.formats.people import person_of, seen, triples
from posecore.pose import FramePose, Person

# OpenPose's names, by ours, and the order of its model COCO; Neck is the middle of the shoulders.
PART_NAMES = {
    name: "Nose" if name == "nose" else f"{name[0].upper()}{name.partition('_')[2].capitalize()}"
    for name in KEYPOINT_NAMES
}
BODY_18 = (
    "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "RHip", "RKnee", "RAnkle",
    "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar",
)  # fmt: skip
# The first 19 of its model BODY_25; the feet follow.
BODY_25 = (*BODY_18[:8], "MidHip", *BODY_18[8:])
PARTS = tuple(PART_NAMES.values())
ORDERS = {17: PARTS, 18: BODY_18, 25: BODY_25}
SHOULDERS = [PARTS.index("LShoulder"), PARTS.index("RShoulder")]
NOBODYS = -1  # what OpenPose itself writes as person_id
# What OpenPose writes of a person besides the body, in the order of its files.
OTHERS = (
    "face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d", "pose_keypoints_3d", "face_keypoints_3d",
    "hand_left_keypoints_3d", "hand_right_keypoints_3d",
)  # fmt: skip
NAME = re.compile(r"(?:.*\D)?(\d+)(?:_keypoints)?\.json")
OWN = re.compile(r".*_\d{12}_keypoints\.json")  # what an earlier export leaves, and no other program's work


def write_openpose(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write a folder of files with the 18 points of OpenPose's model COCO: VIDEO_000000000012_keypoints.json.

    person_id is the track_id, -1 without. A point that was not found is 0, 0, 0; so is the neck, the middle of the
    shoulders with the lower of their scores, where one of them was not.

    Raises ValueError when `path` is there and has other things in it, OSError when it cannot be written.
    """
    _write(path, meta, frames, BODY_18)


def write_openpose_17(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write the same with the 17 points of COCO in their own order, as Pose2Sim and AlphaPose know them."""
    _write(path, meta, frames, PARTS)


def _write(
    path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose], order: Sequence[str]
) -> None:
    stem = Path(meta["source"]).stem
    with replacing_folder(path, OWN) as folder, writing(path):
        for frame in frames:
            people = [_record(person, order) for person in seen(frame)]
            name = f"{stem}_{frame.index:012d}_keypoints.json"
            (folder / name).write_text(json.dumps({"version": 1.3, "people": people}), encoding="ascii")


def _record(person: Person, order: Sequence[str]) -> dict[str, Any]:
    points = triples(person, 0)
    body = _with_neck(points) if order is BODY_18 else points
    track = NOBODYS if person.track_id is None else person.track_id
    return {"person_id": [track], "pose_keypoints_2d": body.ravel().tolist()} | {name: [] for name in OTHERS}


def _with_neck(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(18, 3) from (17, 3)."""
    shoulders = points[SHOULDERS]
    score = shoulders[:, 2].min()
    neck = [*np.round(shoulders[:, :2].mean(axis=0), 2), score] if score > 0 else [0, 0, 0]
    by_name = dict(zip(PARTS, points, strict=True)) | {"Neck": np.array(neck)}
    return np.array([by_name[part] for part in BODY_18])


def is_openpose(path: Path, head: bytes) -> bool:
    """Whether it is a folder with files of its names, or one of these files."""
    if path.is_dir():
        return any(NAME.fullmatch(entry.name) for entry in os.scandir(path))
    return head.lstrip().startswith(b"{") and b'"people"' in head


def read_openpose(path: Path) -> Foreign:
    """Read a folder of such files, or one, whose names end on the number of the frame: 17, 18 or 25 points.

    A person_id that is below 0, or as a number -1 in OpenPose's own files, is none.
    """
    files: dict[int, Path] = {}
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if match := NAME.fullmatch(file.name):
            if (number := int(match[1])) in files:
                raise ValueError(f"{file.name} and {files[number].name} are of the same frame; a folder has one video")
            files[number] = file
    if not files:
        raise ValueError("no name in it ends on the number of a frame, as walk_000000000012_keypoints.json does")
    return Foreign(_frames(files), frame_count=max(files) + 1)


def _frames(files: Mapping[int, Path]) -> Iterator[tuple[int, list[Person]]]:
    for number in sorted(files):
        try:
            document = json.loads(files[number].read_text(encoding="utf-8"))
            made = [_person(record) for record in document["people"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{files[number].name}: {error!r}") from error
        yield number, [person for person in made if person is not None]


def _person(record: Mapping[str, Any]) -> Person | None:
    points = np.reshape(record["pose_keypoints_2d"], (-1, 3)) if record["pose_keypoints_2d"] else np.zeros((17, 3))
    if len(points) not in ORDERS:
        raise ValueError(f"a person has {len(points)} points; 17, 18 and 25 are known")
    order = ORDERS[len(points)]
    track = np.ravel(record.get("person_id", NOBODYS))[:1].tolist() or [NOBODYS]
    return person_of(points[[order.index(part) for part in PARTS]], int(track[0]) if int(track[0]) >= 0 else None)
