"""The video under the skeletons: which it is, whether it belongs to the document, and how the page gets it."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from posecore.files import valid_text
from posecore.video import VideoReader, promised_ms

CHUNK = 3 * 2**18  # bytes that become base64 at a time: three are four letters, without a remainder
SLACK_MS = 500  # by which a document may end after its video does: headers are not exact
# What a browser is told that a file is. QuickTime's differs from MP4 in nothing that matters here, and some refuse it.
KINDS = {".webm": "video/webm", ".mkv": "video/x-matroska", ".ogv": "video/ogg"}


@dataclass(frozen=True)
class Footage:
    """The video in a page.

    embedded: the file's content is in the page; else the page has a link, relative to where it lies.
    """

    path: Path
    embedded: bool
    link: str

    @property
    def name(self) -> str:
        """Of the file."""
        return valid_text(self.path.name)

    @property
    def kind(self) -> str:
        """Its media type."""
        return KINDS.get(self.path.suffix.lower(), "video/mp4")

    def parts(self) -> Iterator[str]:
        """The content as base64, part by part."""
        with open(self.path, "rb") as file:
            while chunk := file.read(CHUNK):
                yield base64.b64encode(chunk).decode("ascii")


def named_footage(document: Path, source: object) -> Path | None:
    """The video that a document names, if it lies beside it or in the current folder."""
    name = os.path.basename(source) if isinstance(source, str) else ""
    try:
        return next((path for path in (document.parent / name, Path(name)) if name and path.is_file()), None)
    except (OSError, ValueError):  # a name that no file can have
        return None


def to_footage(path: Path, page: Path, embed_limit: float) -> Footage:
    """The video for a page that is written to `page`; embed_limit: megabytes from which on it is only linked to."""
    try:
        relative = os.path.relpath(os.path.realpath(path), os.path.dirname(os.path.realpath(page)))
        link = quote(os.fsencode(relative.replace(os.sep, "/")))
    except ValueError:  # another drive of Windows
        link = path.resolve().as_uri()
    return Footage(path, path.stat().st_size < embed_limit * 1e6, link)


def check_footage(path: Path, size: tuple[int, int], last_ms: int) -> str | None:
    """A warning when the video goes on after the document ends at last_ms, else None.

    Raises ValueError when it is not the document's: no video, of another size than (width, height), or shorter;
    OSError when it cannot be read.
    """
    with VideoReader(path) as video:
        (width, height), step_ms = video.info.size, 1000 / float(video.info.fps)
    if (width, height) != size:
        raise ValueError(
            f"{path}: is {width}×{height}, and the document is of a video of {size[0]}×{size[1]}; give the video that "
            "the document was made of"
        )
    promised = promised_ms(path)
    if promised is None:
        return None
    if last_ms > promised + SLACK_MS:
        raise ValueError(
            f"{path}: lasts {promised / 1000:.1f} s, and the document goes on to {last_ms / 1000:.1f} s; give the "
            "video that the document was made of"
        )
    after = promised - last_ms - step_ms
    return f"{path}: goes on for {after / 1000:.1f} s after the document ends" if after > 2 * SLACK_MS else None
