"""The videos of a batch: found in a folder, by a pattern or in a list, and fetched when they are far away."""

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

SUFFIXES = {".3gp", ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".webm", ".wmv"}


@dataclass(frozen=True)
class Source:
    """A video. path: of a file, or a URL; name: what its outputs are called, a relative path without suffix."""

    path: str
    name: str


def find_inputs(given: str) -> list[Source]:
    """The videos that a folder, a pattern such as `videos/**/*.mp4`, or a text file with a path or URL a line names.

    Names are relative to the folder, to the part of the pattern without wildcards, or to what all paths of the list
    have in common.

    Raises ValueError when there is none, and when two would have the same name.
    """
    if Path(given).is_dir():
        root, paths = given, [str(path) for path in Path(given).rglob("*") if path.suffix.lower() in SUFFIXES]
        paths = [path for path in paths if os.path.isfile(path)]
    elif glob.has_magic(given) and not Path(given).exists():
        root, paths = _fixed_part(given), [path for path in glob.glob(given, recursive=True) if os.path.isfile(path)]
    else:
        paths = _read_list(given)
        root = _common_folder(paths)
    if not paths:
        raise ValueError(f"{given}: no video there; give a folder, a pattern in quotes, or a text file of paths")
    sources = [Source(path, str(PurePosixPath(_relative(path, root)).with_suffix(""))) for path in sorted(set(paths))]
    _refuse_collisions(sources)
    return sources


def _fixed_part(pattern: str) -> str:
    parts = Path(pattern).parts
    return str(Path(*parts[: next(i for i, part in enumerate(parts) if glob.has_magic(part))]))


def _read_list(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file; give a folder, a pattern in quotes, or a list of paths") from error
    return [line for line in lines if line and not line.startswith("#")]


def _common_folder(paths: list[str]) -> str:
    folders = {os.path.dirname(path) for path in paths}
    if len(folders) == 1:
        return folders.pop()
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:  # absolute and relative ones mixed
        return ""


def _relative(path: str, root: str) -> str:
    if "://" in path and not (root and path.startswith(root)):
        return path.partition("://")[2]
    relative = os.path.relpath(path, root or ".") if "://" not in path else path[len(root) :].lstrip("/")
    return "/".join(part for part in Path(relative).parts if part not in ("..", os.sep))


def _refuse_collisions(sources: list[Source]) -> None:
    by_name: dict[str, str] = {}
    for source in sources:
        if (other := by_name.setdefault(source.name, source.path)) != source.path:
            raise ValueError(f"{other} and {source.path}: both would be written as {source.name}; rename one")


def state(path: str) -> tuple[int, str]:
    """(bytes, when last changed) of a video, to tell whether it is still the same.

    Raises OSError when it cannot be found.
    """
    if "://" not in path:
        found = os.stat(path)
        return found.st_size, str(found.st_mtime_ns)
    info = _filesystem(path).info(path)
    changed = next((info[key] for key in ("ETag", "etag", "mtime", "LastModified", "updated") if info.get(key)), "")
    return int(info.get("size") or 0), str(changed)


@contextmanager
def local_file(path: str) -> Iterator[str]:
    """A video as a file of this machine: itself, or a temporary copy of what a URL names, fetched in parts."""
    if "://" not in path:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="posecore-") as folder:
        copy = os.path.join(folder, PurePosixPath(path).name or "video")
        with _filesystem(path).open(path, "rb") as source, open(copy, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        yield copy


def _filesystem(url: str) -> Any:
    try:
        import fsspec

        return fsspec.core.url_to_fs(url)[0]
    except ImportError as error:
        raise ValueError(
            f"{url}: needs a package that is not installed ({error}); pip install 'posecore[ray]'"
        ) from error
