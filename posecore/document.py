"""The JSON document of a video: written frame by frame, read back whole. `keypoints.schema.json` describes it."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, Self

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.files import replacing, writing
from posecore.pose import FramePose, Keypoints

CONFIDENCE_CONVENTION = (
    "Per-keypoint 'score' is max(landmark.visibility, landmark.presence) in [0,1] when available. "
    "'pose_score' is the mean of the 17 scores. A frame without a pose has x = y = 0 and score 0 for all keypoints."
)
COUNT_WIDTH = 12  # room for frame_count, which is known at the end
NOBODY = Keypoints(np.zeros((17, 2), np.float32), np.zeros(17, np.float32))


class DocumentWriter:
    """Write the JSON document, complete or not at all; a `with` block renames it into place at its end.

    meta: what is said of the video: at least fps, width, height. frame_count is added.

    Raises OSError when it cannot be written, ValueError for a number that is not finite.
    """

    def __init__(self, path: str | os.PathLike[str], meta: Mapping[str, Any]) -> None:
        self.path = path
        self.frame_count = 0
        self._meta = meta
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
        convention = json.dumps(CONFIDENCE_CONVENTION)
        return (
            f'{{"meta": {{{fields}, "frame_count": {self.frame_count:<{COUNT_WIDTH}}}},\n'
            f'"keypoint_format": {json.dumps(KEYPOINT_NAMES)},\n"confidence_convention": {convention},\n"frames": ['
        )

    def write(self, frame: FramePose) -> None:
        """Append a frame; of several people the first is written."""
        self.add(frame_record(frame))

    def add(self, frame: Mapping[str, Any]) -> None:
        """Append a frame as `frame_record` has it."""
        record = json.dumps(frame, allow_nan=False)
        with writing(self.path):
            self._file.write(f",\n{record}" if self.frame_count else f"\n{record}")
        self.frame_count += 1

    def close(self) -> None:
        """Complete the file under its temporary name; leaving the `with` block renames it."""
        if self._file.closed:
            return
        with writing(self.path):
            self._file.write("\n]}\n")
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


def frame_record(frame: FramePose) -> dict[str, Any]:
    """A frame as the document has it: x and y rounded to 1/100 pixel, scores to 1/10000."""
    person = frame.persons[0] if frame.persons else NOBODY
    return {
        "frame_index": frame.index,
        "timestamp_ms": frame.timestamp_ms,
        "pose_score": round(float(person.score.mean()), 4),
        "keypoints": [
            {"name": name, "x": round(float(x), 2), "y": round(float(y), 2), "score": round(float(score), 4)}
            for name, (x, y), score in zip(KEYPOINT_NAMES, person.xy, person.score, strict=True)
        ],
    }


def read_document(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[FramePose]]:
    """The meta and the frames of a document; a frame whose scores are all 0 has no persons.

    Raises OSError when it cannot be read, ValueError when it is no such document.
    """
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        return document["meta"], [_read_frame(record) for record in document["frames"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a posecore JSON document ({error!r})") from error


def join_documents(parts: Sequence[str | os.PathLike[str]], path: str | os.PathLike[str]) -> None:
    """Write one document with the frames of several that DocumentWriter wrote, of segments of one video."""
    with open(parts[0], encoding="utf-8") as first:
        meta = json.loads(first.readline().rstrip(",\n") + "}")["meta"]
    meta.pop("frame_count")
    with DocumentWriter(path, meta) as document:
        for part in parts:
            with open(part, encoding="utf-8") as file:
                for line in file:
                    if line.startswith('{"frame_index"'):
                        frame = json.loads(line.rstrip(",\n"))
                        document.add(frame | {"frame_index": document.frame_count})


def _read_frame(record: Mapping[str, Any]) -> FramePose:
    points = {point["name"]: (point["x"], point["y"], point["score"]) for point in record["keypoints"]}
    values = np.array([points[name] for name in KEYPOINT_NAMES], np.float32)
    person = Keypoints(xy=values[:, :2], score=values[:, 2])
    return FramePose(record["frame_index"], record["timestamp_ms"], (person,) if person.score.any() else ())
