"""JSON Lines: a document as it is written while a video goes on, and can be read at any moment.

The first line says what the head of the document says, every other one is a frame, or an event: what happened to the
source. What the power took from the last line is left out.
"""

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from posecore.errors import Note

SUFFIX = ".jsonl"


def is_lines(path: str | os.PathLike[str]) -> bool:
    """Whether a document of this name is to be JSON Lines."""
    return Path(path).suffix.lower() == SUFFIX


def as_line(record: Mapping[str, Any], path: object) -> str:
    """A record as JSON; ValueError, with the name of the file, for a number that is not finite."""
    try:
        return json.dumps(record, allow_nan=False)
    except ValueError as error:
        raise ValueError(
            f"{path}: frame {record.get('frame_index')} has a number that is not finite, which JSON has not; is the "
            "model file damaged?"
        ) from error


def read_lines(file: BinaryIO) -> dict[str, Any] | None:
    """The document that JSON Lines are, with `events` in its meta; None, at the beginning again, when it is none.

    A last line that is torn is left out, with a warning of the class `posecore.errors.Note`.

    Raises ValueError when another line is no JSON, KeyError or TypeError when it is no frame and no event.
    """
    document = _parsed(file.readline())
    if not isinstance(document, dict) or "meta" not in document or "frames" in document:
        file.seek(0)
        return None
    frames: list[Any] = []
    events: list[Any] = []
    torn = None
    for number, line in enumerate(file, 2):
        if torn is not None:
            raise ValueError(f"line {torn} is no JSON")
        record = _parsed(line)
        if record is None:
            torn = number
        else:
            (events if "event" in record else frames).append(record)
    if torn is not None:
        warnings.warn(f"{file.name}: line {torn}, the last, is torn and was left out", Note, stacklevel=2)
    if not frames:
        raise ValueError("there is no frame in it yet")
    document["meta"] |= {"frame_count": len(frames)} | ({"events": events} if events else {})
    return document | {"frames": frames}


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
