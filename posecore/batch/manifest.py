"""What a batch has done: a line of JSON per finished video, and the lock on its folder."""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from posecore.files import sync, valid_text, writing

MANIFEST, LOCK = "manifest.jsonl", ".lock"


@dataclass(frozen=True)
class Record:
    """A video that was done, or given up.

    name: of its outputs, relative to the output folder, without suffix. size: bytes; mtime: when the input was last
    changed, as its storage says. options: a hash of all that decides the outputs. outputs: relative paths.
    person_share: of the frames. warnings: what was wrong with the input and could be lived with.
    error: one line, None when it went well.

    Texts are as `posecore.files.valid_text` writes them: the line must be one that any reader takes.
    """

    name: str
    input: str
    size: int
    mtime: str
    options: str
    outputs: tuple[str, ...]
    frames: int = 0
    person_share: float = 0.0
    seconds: float = 0.0
    engine: str = ""
    warnings: tuple[str, ...] = ()
    error: str | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, str):
                object.__setattr__(self, name, valid_text(value))
            elif isinstance(value, tuple):
                object.__setattr__(self, name, tuple(map(valid_text, value)))

    def same_task(self, other: "Record") -> bool:
        """Whether both are of the same unchanged input, to be done in the same way."""
        return all(getattr(self, key) == getattr(other, key) for key in ("input", "size", "mtime", "options"))


class Manifest:
    """The lines of OUT/manifest.jsonl. A line that was torn by a crash is ignored; the last line of a name counts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / MANIFEST
        self.records: dict[str, Record] = {}
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8", errors="replace").split("\n"):
                if record := _read(line):
                    self.records[record.name] = record
            self._mend()

    def add(self, record: Record) -> None:
        """Append a line in one write, when the disk has the names of the outputs; who wrote them saw to the content."""
        folder = self._path.parent
        paths = [folder / output for output in record.outputs]
        for place in {place for path in paths for place in path.parents if place.is_relative_to(folder)}:
            if place.is_dir():  # a cluster's outputs may lie elsewhere
                sync(place)
        self._append(json.dumps(asdict(record)).encode() + b"\n")
        self.records[record.name] = record

    def _append(self, line: bytes) -> None:
        new = not self._path.exists()
        with writing(self._path):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        if new:
            sync(self._path.parent)

    def _mend(self) -> None:
        """End a torn last line, or the next one would be lost with it."""
        content = self._path.read_bytes()
        if content and not content.endswith(b"\n"):
            self._append(b"\n")


def _read(line: str) -> Record | None:
    try:
        values: dict[str, Any] = json.loads(line)
        known: dict[str, Any] = {field.name: values[field.name] for field in fields(Record) if field.name in values}
        lists = {key: tuple(value) for key, value in known.items() if isinstance(value, list)}
        record = Record(**known | lists)
        return record if _is_sound(record) else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _is_sound(record: Record) -> bool:
    """Whether all in it is of its kind."""
    texts = [record.name, record.input, record.mtime, record.options, record.engine, record.error or ""]
    numbers = record.size, record.frames, record.person_share, record.seconds
    lists = record.outputs, record.warnings
    return (
        all(isinstance(found, tuple) for found in lists)
        and all(isinstance(text, str) for text in (*texts, *record.outputs, *record.warnings))
        and all(isinstance(number, int | float) for number in numbers)
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other batches out of a folder; the system lifts the lock when the process ends, however it ends.

    Raises ValueError when another batch is at work there.
    """
    with open(folder / LOCK, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(
                f"{folder}: another batch is at work there; wait for it, or name another folder"
            ) from error
        yield
