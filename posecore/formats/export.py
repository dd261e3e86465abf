"""Documents as other programs' files: the table of formats."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from posecore.formats.document import read_document
from posecore.formats.mot import write_mot
from posecore.pose import FramePose

PathLike = str | os.PathLike[str]

# By the name that the user gives: what writes the meta and the frames of a document to a path.
FORMATS: dict[str, Callable[[PathLike, Mapping[str, Any], Sequence[FramePose]], None]] = {
    "mot": write_mot,
}


def export_document(source: PathLike, to: str, path: PathLike) -> None:
    """Write what a document holds to `path`, in one of FORMATS.

    Raises ValueError for another format and when `source` is no document, OSError when a file cannot be read or
    written.
    """
    if to not in FORMATS:
        raise ValueError(f"{to}: unknown format; known are {', '.join(FORMATS)}")
    meta, frames = read_document(source)
    FORMATS[to](path, meta, frames)
