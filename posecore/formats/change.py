"""A document made of another: its frames or what it says of them changed, and noted in it what was done."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from posecore.formats.document import DocumentWriter, frame_record, read_frame, reading
from posecore.pose import FramePose

Change = Callable[[dict[str, Any], list[FramePose]], tuple[dict[str, Any], Sequence[FramePose]]]


def change_document(
    source: str | os.PathLike[str], path: str | os.PathLike[str], change: Change, done: str | Callable[[], str]
) -> None:
    """Write to `path`, which may be `source`, what `change` makes of the meta and the frames of a document.

    change: must give as many frames; those that it gives back themselves are written as they were.
    done: what it does, as the user would type it: it becomes the last entry of `history` in the meta. Where only the
        change knows, what says it when the change is made.

    Raises ValueError, with the name of `source`, where `change` does and when `source` is no document; OSError when a
    file cannot be read or written.
    """
    with reading(source) as document:
        records = document["frames"]
        frames = [read_frame(record) for record in records]
        old = {key: value for key, value in document["meta"].items() if key not in ("format_version", "frame_count")}
        everyone, convention = any("persons" in record for record in records), document["confidence_convention"]
    try:
        meta, changed = change(old, frames)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    meta = meta | {"history": [*meta.get("history", ()), done if isinstance(done, str) else done()]}
    with DocumentWriter(path, meta, everyone, convention) as writer:
        for record, before, after in zip(records, frames, changed, strict=True):
            writer.add(record if after is before else frame_record(after, everyone))
