"""The JSON document of a video: written frame by frame, read back whole. `keypoints.schema.json` describes it.

Within a format version keys are added, never changed or removed.
"""

import json
import math
import operator
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import numpy as np

from posecore.coco import KEYPOINT_NAMES, LANDMARK_NAMES
from posecore.files import replacing, writing
from posecore.formats.lines import as_line, is_lines, read_lines
from posecore.pose import Floats, FramePose, Keypoints, Landmarks, Person

FORMAT_VERSION = 1

COUNT_WIDTH = 12  # room for numbers in the meta that are known later
NOBODY = Keypoints(np.zeros((17, 2), np.float32), np.zeros(17, np.float32))


class DocumentWriter:
    """Write the JSON document, complete or not at all; a `with` block renames it into place at its end.

    path: with the suffix .jsonl it becomes JSON Lines, see `posecore.formats.lines`.
    meta: what is said of the video: at least fps, width, height. format_version and frame_count are added.
    everyone: whether every frame also gets `persons`, with all that is known of each.
    convention: what a score means.
    from_zero: whether numbers and times of frames begin with 0 at the first one; the meta then says as
        `source_start_ms` which time that is in the source.

    Raises OSError when it cannot be written, ValueError for a number that is not finite.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        meta: Mapping[str, Any],
        everyone: bool = False,
        convention: str = "",
        from_zero: bool = False,
    ) -> None:
        self.path = path
        self.frame_count = 0
        self._meta = {"format_version": FORMAT_VERSION} | dict(meta)
        self._everyone = everyone
        self._convention = convention
        self._from_zero = from_zero
        self._zero = 0, 0  # number and time of the first frame, where others are counted from it
        self._between, self._end = ("\n", "\n") if is_lines(path) else (",\n", "\n]}\n")
        with ExitStack() as stack:
            temporary = stack.enter_context(replacing(path))
            with writing(path):
                self._file = open(temporary, "w", encoding="utf-8", newline="\n")  # noqa: SIM115
            stack.callback(self._abandon)
            self._file.write(self._head())
            self._stack = stack.pop_all()

    def _head(self) -> str:
        """All before the first frame, as long for any number of frames."""
        fields = ", ".join(f"{json.dumps(k)}: {json.dumps(v, allow_nan=False)}" for k, v in self._meta.items())
        if self._from_zero:
            fields += f', "source_start_ms": {self._zero[1]:<{COUNT_WIDTH}}'
        fields += f', "frame_count": {self.frame_count:<{COUNT_WIDTH}}'
        parts = (
            f'{{"meta": {{{fields}}}',
            f'"keypoint_format": {json.dumps(KEYPOINT_NAMES)}',
            f'"confidence_convention": {json.dumps(self._convention)}',
        )
        return f"{', '.join(parts)}}}" if is_lines(self.path) else ",\n".join((*parts, '"frames": ['))

    def write(self, frame: FramePose) -> None:
        """Append a frame."""
        self.add(frame_record(frame, self._everyone))

    def add(self, frame: Mapping[str, Any]) -> None:
        """Append a frame as `frame_record` has it."""
        if self._from_zero:
            if not self.frame_count:
                self._zero = frame["frame_index"], frame["timestamp_ms"]
            index, time = self._zero
            frame = {**frame, "frame_index": frame["frame_index"] - index, "timestamp_ms": frame["timestamp_ms"] - time}
        record = as_line(frame, self.path)
        with writing(self.path):
            self._file.write(f"{self._between}{record}" if self.frame_count else f"\n{record}")
        self.frame_count += 1

    def close(self) -> None:
        """Complete the file under its temporary name; leaving the `with` block renames it."""
        if self._file.closed:
            return
        with writing(self.path):
            self._file.write(self._end)
            self._file.seek(0)
            self._file.write(self._head())
            self._file.close()

    def _abandon(self) -> None:
        with suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                raise error
            self.close()


def as_written(frame: FramePose) -> FramePose:
    """A frame as it is read back from a document: rounded as `frame_record` does."""
    return read_frame(frame_record(frame, everyone=True))


def frame_record(frame: FramePose, everyone: bool = False) -> dict[str, Any]:
    """A frame as the document has it: the first person, and, with `everyone`, all of them as `persons`.

    Pixels are rounded to 1/100, scores to 1/10000, normalised landmarks to 1/1000000 and metres to 1/10000.
    """
    keypoints = frame.persons[0].keypoints if frame.persons else NOBODY
    record = {
        "frame_index": frame.index,
        "timestamp_ms": frame.timestamp_ms,
        **({"interpolated": True} if frame.interpolated else {}),
        "pose_score": round(float(keypoints.score.mean()), 4),
        "keypoints": _keypoint_records(keypoints),
    }
    if frame.received_at is not None:
        record["received_at"] = frame.received_at.isoformat(timespec="milliseconds")
    return record | {"persons": [_person_record(person) for person in frame.persons]} if everyone else record


def _person_record(person: Person) -> dict[str, Any]:
    record: dict[str, Any] = {"score": round(person.score, 4)}
    if person.track_id is not None:
        record["track_id"] = person.track_id
    record |= {"box": _rounded(person.box, 2), "keypoints": _keypoint_records(person.keypoints)}
    if (found := person.landmarks) is not None:
        confidences = zip(_rounded(found.visibility, 4), _rounded(found.presence, 4), strict=True)
        record["landmarks"] = [
            point | {"visibility": visibility, "presence": presence}
            for point, (visibility, presence) in zip(_xyz_records(found.xyz, 6), confidences, strict=True)
        ]
        if found.world is not None:
            record["world_landmarks"] = _xyz_records(found.world, 4)
    return record


def _keypoint_records(keypoints: Keypoints) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = [
        {"name": name, "x": round(float(x), 2), "y": round(float(y), 2), "score": round(float(score), 4)}
        for name, (x, y), score in zip(KEYPOINT_NAMES, keypoints.xy, keypoints.score, strict=True)
    ]
    if keypoints.filled is not None:
        for number in np.flatnonzero(keypoints.filled):
            records[number]["filled"] = True
    return records


def _xyz_records(xyz: Floats, digits: int) -> list[dict[str, Any]]:
    places = (_rounded(place, digits) for place in xyz)
    return [{"name": name, "x": x, "y": y, "z": z} for name, (x, y, z) in zip(LANDMARK_NAMES, places, strict=True)]


def _rounded(values: Floats, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


def read_document(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[FramePose]]:
    """The meta and the frames of a document, with everyone in them who is in the document.

    Where it has no `persons`, there is one person per frame, whose score is that of the pose and whose box is the
    extent of the keypoints; a frame whose scores are all 0 has no person.

    Raises OSError when it cannot be read, ValueError when it is no such document.
    """
    with reading(path) as document:
        return document["meta"], [read_frame(record) for record in document["frames"]]


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """Give what a file holds; what is missing from it in the block is the fault of the file, and ValueError says so."""
    with fault_of(path):
        with open(path, "rb") as file:
            document = read_lines(file) or json.load(file)
        check_meta(document["meta"])
        yield document


@contextmanager
def fault_of(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever goes wrong in the block with what a file holds becomes a ValueError that names the file."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
        raise ValueError(
            f"{path}: not a posecore JSON document ({reason}); give one that posecore wrote, or bring another "
            "program's file in with posecore import"
        ) from error


def check_meta(meta: dict[str, Any]) -> None:
    """Raise ValueError when what others rely on is something else."""
    if not all(isinstance(name, str) for name in meta.get("track_names", {}).values()):
        raise ValueError("a name in track_names is no text")
    if not isinstance(meta.get("history", []), list):
        raise ValueError("history is no list")
    if not all(operator.index(meta[side]) > 0 for side in ("width", "height")):
        raise ValueError("a picture has no pixels")


def read_frame(record: Mapping[str, Any]) -> FramePose:
    """A frame from what `frame_record` makes; KeyError, TypeError or ValueError when it is something else."""
    if "persons" in record:
        persons = [_read_person(person) for person in record["persons"]]
    else:
        first = Person.around(_read_keypoints(record["keypoints"]), _number(record["pose_score"]))
        persons = [first] if first.keypoints.score.any() else []
    received_at = datetime.fromisoformat(record["received_at"]) if "received_at" in record else None
    index, timestamp_ms = operator.index(record["frame_index"]), operator.index(record["timestamp_ms"])
    return FramePose(index, timestamp_ms, tuple(persons), received_at, record.get("interpolated") is True)


def _read_person(record: Mapping[str, Any]) -> Person:
    landmarks = None
    if "landmarks" in record:
        landmarks = Landmarks(
            xyz=_read_points(record["landmarks"], LANDMARK_NAMES, "xyz"),
            visibility=_read_points(record["landmarks"], LANDMARK_NAMES, ("visibility",))[:, 0],
            presence=_read_points(record["landmarks"], LANDMARK_NAMES, ("presence",))[:, 0],
            world=_read_points(record["world_landmarks"], LANDMARK_NAMES, "xyz")
            if "world_landmarks" in record
            else None,
        )
    track_id = None if record.get("track_id") is None else operator.index(record["track_id"])
    score = _number(record["score"])
    return Person(_read_keypoints(record["keypoints"]), score, _floats(record["box"]), track_id, landmarks)


def _read_keypoints(records: Sequence[Mapping[str, Any]]) -> Keypoints:
    values = _read_points(records, KEYPOINT_NAMES, ("x", "y", "score"))
    names = {record["name"] for record in records if record.get("filled")}
    filled = np.array([name in names for name in KEYPOINT_NAMES]) if names else None
    return Keypoints(xy=values[:, :2], score=values[:, 2], filled=filled)


def _read_points(records: Sequence[Mapping[str, Any]], names: Sequence[str], keys: Sequence[str]) -> Floats:
    """(len(names), len(keys)) float32: the values of named points, in the order of the names."""
    by_name = {record["name"]: record for record in records}
    return _floats([[by_name[name][key] for key in keys] for name in names])


def _number(value: Any) -> float:
    if not math.isfinite(number := float(value)):
        raise ValueError(f"{number} is not finite")
    return number


def _floats(values: Any) -> Floats:
    """As float32; ValueError when one of them is no finite number."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite
        floats = np.array(values, np.float32)
    if not np.isfinite(floats).all():
        raise ValueError("a number is not finite")
    return floats
