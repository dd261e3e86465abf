"""Files that appear complete or not at all, and how to tell one from another."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LEFTOVER = r"\d+-[0-9a-f]{4}\.part"  # how temporary names end


def file_sha256(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well, delete it when it does not.

    Missing folders are made, and taken away again if nothing came of it. A link is followed.

    Raises ValueError when `path` or its folder is there and is something else, OSError when it cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise ValueError(f"{path}: is not an ordinary file; name a file to write to")
    temporary = target.with_name(f"{_prefix(target)}{os.getpid()}-{secrets.token_hex(2)}.part")
    missing = [folder for folder in target.parents if not folder.exists()]
    if not (nearest := target.parents[len(missing)]).is_dir():
        raise ValueError(f"{path}: {nearest.name} is not a folder; name a file in one")
    try:
        with writing(path):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.open("wb").close()
        yield temporary
        with writing(path):
            temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
            for folder in missing:
                folder.rmdir()
        raise


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file in an OSError of the block: a full disk says nothing of where."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(f"{path}: cannot be written ({reason}); choose another place or make room") from error


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Delete what a killed run left of `path` under a temporary name; nobody may be writing it."""
    target = Path(os.path.realpath(path))
    left = re.compile(re.escape(_prefix(target)) + LEFTOVER)
    for name in os.listdir(target.parent) if target.parent.is_dir() else ():
        if left.fullmatch(name):
            (target.parent / name).unlink(missing_ok=True)


def sweep(folder: str | os.PathLike[str]) -> None:
    """Delete all that killed runs left in a folder and below; nobody may be writing there."""
    left = re.compile(r"\..+\." + LEFTOVER)
    for root, _, names in os.walk(folder):
        for name in filter(left.fullmatch, names):
            Path(root, name).unlink(missing_ok=True)


def _prefix(target: Path) -> str:
    """How the temporary names of a target begin, and of no other; a name may have 255 bytes."""
    name = os.fsencode(target.name)
    return f".{hashlib.sha256(name).hexdigest() if len(name) > 200 else target.name}."
