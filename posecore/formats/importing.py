"""Other programs' files as documents."""

import csv
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError  # of NumPy, which reads its own heads as Python
from typing import Any
from zipfile import BadZipFile

import numpy as np

from posecore import __version__
from posecore.files import refuse_inputs, valid_text
from posecore.formats.catalog import FORMATS
from posecore.formats.document import DocumentWriter
from posecore.formats.foreign import NOTHING, Foreign, VideoFacts
from posecore.pose import FramePose

HEAD = 4096  # bytes of a file by which it is recognised
CONVENTION = (
    "Per-keypoint 'score' is that of the program whose file was imported, at most 1. 'pose_score' is the mean of the "
    "17 scores. A keypoint that was not found has x = y = 0 and score 0; in a frame without a pose all have."
)
UNREADABLE = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, StopIteration, csv.Error,
    BadZipFile, zlib.error, TokenError,
)  # fmt: skip


def import_document(
    source: str | os.PathLike[str],
    path: str | os.PathLike[str],
    kind: str | None = None,
    video: VideoFacts = NOTHING,
    **options: str,
) -> None:
    """Write a document of what another program's file or folder holds.

    kind: the name of its format in FORMATS; None is found out from the content. video: what is known of it, which
    counts where the file says something else. options: those that the format names.

    Raises ValueError when the file is not of that format, does not fit the video, or does not say what a document needs
    and `video` does not either; ImportError when the format needs a package that is not installed; OSError when a file
    cannot be read or written.
    """
    place = Path(source)
    kind = kind or recognised(place)
    if kind not in FORMATS or FORMATS[kind].read is None:
        raise ValueError(f"{kind}: no format that can be imported; known are {', '.join(readable())}")
    refuse_inputs(path, source)
    found = _read(place, kind, options)
    meta = _meta(place, kind, found, video)
    clock = _clock(found, video, meta["fps"])
    with DocumentWriter(path, meta, everyone=True, convention=CONVENTION) as document:
        for frame in _filled(place, kind, found, video, clock):
            document.write(frame)
        if not document.frame_count:
            raise ValueError(f"{source}: has no frame; name its video with --video")


def readable() -> list[str]:
    """The formats that can be imported."""
    return [name for name, form in FORMATS.items() if form.read]


def recognised(path: Path) -> str:
    """The name of the format of a file or folder, by its content.

    Raises ValueError when it is none that can be imported, OSError when it cannot be read.
    """
    head = b""
    if not path.is_dir():
        with open(path, "rb") as file:
            head = file.read(HEAD)
    if b'"keypoint_format"' in head:
        raise ValueError(f"{path}: is a document of posecore already")
    for name, form in FORMATS.items():
        if form.recognise(path, head):
            return name
    raise ValueError(f"{path}: is in no format that is recognised; name it with --from: {', '.join(readable())}")


def _read(place: Path, kind: str, options: dict[str, str]) -> Foreign:
    form = FORMATS[kind]
    for option in options.keys() - set(form.read_options):
        takers = [name for name, other in FORMATS.items() if option in other.read_options]
        raise ValueError(f"--{option} goes with {', '.join(takers)}, not with {kind}")
    os.stat(place)
    with _reading(place, kind):
        found: Foreign = form.read(place, **options)  # type: ignore[misc]
    return found


@contextmanager
def _reading(place: Path, kind: str) -> Iterator[None]:
    """Whatever is wrong with what the file holds becomes a ValueError that names it."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise ValueError(f"{place}: cannot be read as {kind} ({error}); is it damaged?") from error
    except UNREADABLE as error:
        reason = error if isinstance(error, ValueError) else repr(error)
        raise ValueError(f"{place}: cannot be read as {kind} ({reason}); --from names another format") from error


def _meta(place: Path, kind: str, found: Foreign, video: VideoFacts) -> dict[str, Any]:
    size, fps = video.size or found.size, video.fps or found.fps or _rate(found)
    lacking = {"the size of the picture": "--size WxH"} if not size else {}
    lacking |= {"frames per second": "--fps F"} if not fps else {}
    if not size or not fps:
        raise ValueError(
            f"{place}: {kind} does not say {' and '.join(lacking)}; name its video with --video, or give "
            f"{' and '.join(lacking.values())}"
        )
    return {
        "fps": round(fps, 8),
        "width": int(size[0]),
        "height": int(size[1]),
        "source": valid_text(video.source or found.source or place.name),
        "model": "unknown",
        "model_sha256": "0" * 64,
        "engine": "unknown",
        "max_side": 0,
        "posecore_version": __version__,
        "imported_from": kind,
        **({"track_names": dict(found.names)} if found.names else {}),
    }


def _rate(found: Foreign) -> float | None:
    """Frames per second by the times of frames; None for fewer than two."""
    if len(found.times_ms) < 2:
        return None
    first, last = min(found.times_ms), max(found.times_ms)
    return 1000 * (last - first) / (found.times_ms[last] - found.times_ms[first])


def _clock(found: Foreign, video: VideoFacts, fps: float) -> Callable[[int], int]:
    """When frames are shown, in milliseconds: by the video, else by the file and between what it says, else by fps."""
    if video.times_ms is not None:
        return video.times_ms.__getitem__
    if not found.times_ms:
        return lambda number: round(1000 * number / fps)
    known = np.array(sorted(found.times_ms))
    times = np.array([found.times_ms[number] for number in known.tolist()])

    def between(number: int) -> int:
        if number in found.times_ms:
            return found.times_ms[number]
        outside = max(number - known[-1], 0) + min(number - known[0], 0)
        return max(round(float(np.interp(number, known, times)) + 1000 * outside / fps), 0)

    return between


def _filled(
    place: Path, kind: str, found: Foreign, video: VideoFacts, clock: Callable[[int], int]
) -> Iterator[FramePose]:
    """Every frame of the video; nobody is in those that the file leaves out."""
    count = None if video.times_ms is None else len(video.times_ms)
    following = 0
    with _reading(place, kind):
        for number, people in found.frames:
            if not following <= number:
                raise ValueError(f"frame {number} comes twice, or out of order")
            if count is not None and number >= count:
                raise ValueError(f"it has a frame {number}, and the video has {count} frames, from 0")
            for between in range(following, number):
                yield FramePose(between, clock(between), ())
            yield FramePose(number, clock(number), tuple(people))
            following = number + 1
    for rest in range(following, count or found.frame_count or 0):
        yield FramePose(rest, clock(rest), ())
