"""Media files as FFmpeg opens them, and the formats that are written."""

import os
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

# Container and encoder by suffix.
FORMATS = {
    ".mp4": ("mp4", "libx264"),
    ".mov": ("mov", "libx264"),
    ".mkv": ("matroska", "libx264"),
    ".webm": ("webm", "libvpx-vp9"),
}


def open_input(path: str | os.PathLike[str]) -> InputContainer:
    """Open a local media file; nothing in it can make the library read another file or the network."""
    return av.open(f"file:{os.fspath(path)}", options={"protocol_whitelist": "file"}, metadata_errors="replace")


def error_text(error: Exception) -> str:
    """What went wrong, without PyAV's error number and call."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def start_time(container: InputContainer) -> Fraction:
    """When a file begins, in seconds of its own clock: what all its times are counted from."""
    return Fraction(container.start_time or 0, av.time_base)


def output_format(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The container and encoder that a suffix stands for.

    Raises ValueError for a suffix that stands for none.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"{path}: cannot write '{suffix}' video; use one of {', '.join(FORMATS)}")
    return FORMATS[suffix]


def muxer_options(container: str) -> dict[str, str]:
    """Fast start: the index goes to the front of the file, so that a browser plays it before it has all of it.

    The times at which tracks start are kept to 1/90000 s instead of a millisecond.
    """
    return {"movflags": "faststart", "movie_timescale": "90000"} if container in ("mp4", "mov") else {}
