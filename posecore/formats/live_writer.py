"""The record of a live source: JSON Lines that are there for others as soon as they are written."""

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TextIO

from posecore.coco import KEYPOINT_NAMES
from posecore.files import writing
from posecore.formats.document import FORMAT_VERSION, frame_record
from posecore.formats.lines import as_line
from posecore.pose import FramePose

SYNCED = 1.0  # seconds of a file that a power cut may take


class LiveWriter:
    """Write JSON Lines, each line at once; a `with` block closes the file at its end, and leaves it whatever happens.

    to: a path, or a stream of text such as standard output. A file that is there is replaced.
    meta, everyone, convention: as of `DocumentWriter`; format_version is added.

    Raises OSError when it cannot be written, ValueError for a number that is not finite.
    """

    def __init__(
        self, to: str | os.PathLike[str] | TextIO, meta: Mapping[str, Any], everyone: bool = False, convention: str = ""
    ) -> None:
        self._everyone = everyone
        self._closed = threading.Event()
        self._own = isinstance(to, str | os.PathLike)
        if isinstance(to, str | os.PathLike):
            self.path = Path(to)
            with writing(to):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file: TextIO = open(to, "w", encoding="utf-8", newline="\n")  # noqa: SIM115
            threading.Thread(target=self._sync, name="sync", daemon=True).start()
        else:
            self.path, self._file = Path("-"), to
        head = {"meta": {"format_version": FORMAT_VERSION} | dict(meta), "keypoint_format": KEYPOINT_NAMES}
        self._put(json.dumps(head | {"confidence_convention": convention}, allow_nan=False))

    def write(self, frame: FramePose) -> None:
        """Append a frame."""
        self._put(as_line(frame_record(frame, self._everyone), self.path))

    def event(self, record: Mapping[str, Any]) -> None:
        """Append what happened to the source; `event` says what kind of thing."""
        self._put(as_line(record, self.path))

    def _put(self, line: str) -> None:
        if self._own:
            with writing(self.path):
                print(line, file=self._file, flush=True)
        else:
            print(line, file=self._file, flush=True)

    def _sync(self) -> None:
        """Have what is written on the disk, beside the writing, which does not wait for it."""
        while not self._closed.wait(SYNCED):
            with suppress(OSError, ValueError):  # a disk without it; closed just now
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._closed.set()
        if self._own:
            with writing(self.path):
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
