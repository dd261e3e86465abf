"""Documents frame by frame, so that the memory they need does not grow with their length: read, and joined."""

import json
import operator
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from posecore.formats.document import DocumentWriter, check_meta, fault_of, frame_record, read_document, read_frame
from posecore.pose import FramePose

HEAD_LINES = 3  # before the first frame, as DocumentWriter writes them


def stream_document(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Generator[FramePose, None, None]]:
    """The meta of a document and its frames, each read when it is asked for; see `read_document`.

    A document that another program has laid out anew, not a frame a line, is read at once.
    """
    head = _read_head(path)
    if head is None:
        meta, frames = read_document(path)
        return meta, (frame for frame in frames)
    with fault_of(path):
        check_meta(head["meta"])
        return head["meta"], _frames(path, operator.index(head["meta"]["frame_count"]))


def _frames(path: str | os.PathLike[str], promised: int) -> Generator[FramePose, None, None]:
    count = 0
    for record in _records(path):
        with fault_of(path):
            frame = read_frame(record)
        yield frame
        count += 1
    if count != promised:
        raise ValueError(f"{path}: not whole, {count} of {promised} frames are there")


def join_documents(
    parts: Sequence[str | os.PathLike[str]],
    path: str | os.PathLike[str],
    ids: Sequence[Mapping[int, int]] | None = None,
    from_zero: bool = False,
) -> None:
    """Write one document with the frames of several that DocumentWriter wrote, of segments of one video.

    ids: for each, the ids of its people in all of the video by those in it; None where nobody has one.
    from_zero: as of DocumentWriter.
    """
    head = _read_head(parts[0])
    if head is None:
        raise ValueError(f"{parts[0]}: not written by posecore")
    meta = {key: value for key, value in head["meta"].items() if key not in ("format_version", "frame_count")}
    begin = None
    with DocumentWriter(path, meta, convention=head["confidence_convention"], from_zero=from_zero) as document:
        for number, part in enumerate(parts):
            for record in _records(part):
                known = record if ids is None else _renumbered(record, ids[number])
                begin = record["frame_index"] if begin is None else begin
                index = record["frame_index"] if meta.get("sparse") else begin + document.frame_count
                document.add(known | {"frame_index": index})


def _renumbered(record: dict[str, Any], ids: Mapping[int, int]) -> dict[str, Any]:
    """A frame with other ids, whoever was followed longest first; as it was where they are the same."""
    frame = read_frame(record)
    if all(person.track_id is None or ids[person.track_id] == person.track_id for person in frame.persons):
        return record
    persons = [p if p.track_id is None else replace(p, track_id=ids[p.track_id]) for p in frame.persons]
    persons.sort(key=lambda person: person.track_id or 0)
    return frame_record(replace(frame, persons=tuple(persons)), everyone=True)


def _read_head(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """What a document says before its frames; None when it is not laid out as DocumentWriter does."""
    with fault_of(path), open(path, encoding="utf-8") as file:
        lines = "".join(file.readline() for _ in range(HEAD_LINES))
    try:
        head: dict[str, Any] = json.loads(lines.rstrip(",\n") + "}")
    except (ValueError, RecursionError):
        return None
    return head if set(head) == {"meta", "keypoint_format", "confidence_convention"} else None


def _records(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    with fault_of(path), open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith('{"frame_index"'):
                yield json.loads(line.rstrip(",\n"))
