"""Files that appear complete or not at all, and how to tell one from another."""

import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from posecore.temporary import ENDING, held, remove_dead, temporary_name

SETTLED = 2  # seconds after which a file that changes once more has another time of change, on any disk

_unfinished: dict[Path, list[Path]] = {}  # temporary files of `replacing`, and the folders that were made for each
_hashes: dict[tuple[int, ...], str] = {}


def file_sha256(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file, in hexadecimal; a file that has not changed is not read a second time."""
    with open(path, "rb") as file:
        found = os.fstat(file.fileno())
        key = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        if key in _hashes:
            return _hashes[key]
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time() - max(found.st_mtime, found.st_ctime) > SETTLED:
        _hashes[key] = digest
    return digest


def valid_text(name: str) -> str:
    """A name as any file can hold it: what of it is no text, such as bytes that are no UTF-8, as escapes."""
    return name.encode(errors="backslashreplace").decode()


def refuse_pipe(path: str | os.PathLike[str]) -> None:
    """Raise ValueError for what is read once only, or never ends: a pipe, a socket, a device."""
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise ValueError(f"{path}: is a pipe or a device, and is read more than once; save it to a file, and give that")


def refuse_inputs(output: str | os.PathLike[str], *inputs: str | os.PathLike[str] | None) -> None:
    """Raise ValueError when a file that is to be written is one of those that are read, under whatever name."""
    for path in inputs:
        if path is not None and _same(output, path):
            raise ValueError(f"{output}: is an input too; name another file to write to")


def _same(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def replacing(path: str | os.PathLike[str]) -> AbstractContextManager[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well, delete it when it does not.

    Missing folders are made, and taken away again if nothing came of it. A link is followed. What killed runs left in
    the folder is deleted.

    Raises ValueError when `path` or its folder is there and is something else, OSError when it cannot be written.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError(f"{path}: is not an ordinary file; name a file to write to")
    return _replacing(path, Path.touch, Path.replace)


def replacing_folder(path: str | os.PathLike[str], ours: re.Pattern[str]) -> AbstractContextManager[Path]:
    """The same for a folder, which `path` may be already when it holds nothing but names of this pattern.

    Raises ValueError when `path` is there and is something else, OSError when it cannot be written.
    """
    if os.path.lexists(path) and not os.path.isdir(path):
        raise ValueError(f"{path}: is not a folder; name a folder to write to")
    if os.path.isdir(path) and (others := [name for name in os.listdir(path) if not ours.fullmatch(name)]):
        raise ValueError(f"{path}: holds other things ({others[0]}); name a new folder to write to")
    return _replacing(path, lambda folder: folder.mkdir(), _exchange)


def _exchange(new: Path, target: Path) -> None:
    """Put a folder in the place of another, if there is one."""
    old = target.with_name(temporary_name(_stem(target)))
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _replacing(
    path: str | os.PathLike[str], make: Callable[[Path], object], put: Callable[[Path, Path], object]
) -> Iterator[Path]:
    target = Path(os.path.realpath(path))
    temporary = target.with_name(temporary_name(_stem(target)))
    missing = [folder for folder in target.parents if not folder.exists()]
    if not (nearest := target.parents[len(missing)]).is_dir():
        raise ValueError(f"{path}: {nearest.name} is not a folder; name a file in one")
    try:
        _unfinished[temporary] = missing
        with ExitStack() as stack:
            with writing(path):
                target.parent.mkdir(parents=True, exist_ok=True)
                remove_dead(target.parent)
                stack.enter_context(held(temporary, make))
            yield temporary
            with writing(path):
                put(temporary, target)
    except BaseException:
        _remove(temporary)
        raise
    finally:
        _unfinished.pop(temporary, None)


@contextmanager
def overwriting(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give `path` itself, whose folder is made: for what must stay as far as it was written, whatever happens.

    Raises ValueError and OSError as `replacing` does.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError(f"{path}: is not an ordinary file; name a file to write to")
    with writing(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    yield Path(path)


def _remove(temporary: Path) -> None:
    with suppress(OSError):
        if temporary.is_dir():
            shutil.rmtree(temporary)
        temporary.unlink(missing_ok=True)
        for folder in _unfinished.get(temporary, ()):
            folder.rmdir()


def abandon() -> None:
    """Delete all that this process has not finished; it ends right after."""
    for temporary in list(_unfinished):
        _remove(temporary)


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file in an OSError of the block: a full disk says nothing of where."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(f"{path}: cannot be written ({reason}); choose another place or make room") from error


def sync(path: str | os.PathLike[str]) -> None:
    """Have a file, or the names in a folder, on the disk, where a power cut does not lose it.

    Raises OSError when the disk does not take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with writing(path):
            os.fsync(descriptor)
    except OSError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.EINVAL:  # a disk without it
            raise
    finally:
        os.close(descriptor)


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Delete what a killed run left of `path` under a temporary name; nobody may be writing it."""
    target = Path(os.path.realpath(path))
    left = re.compile(rf"\.{re.escape(_stem(target))}\.{ENDING}")
    for name in os.listdir(target.parent) if target.parent.is_dir() else ():
        if left.fullmatch(name):
            (target.parent / name).unlink(missing_ok=True)


def sweep(folder: str | os.PathLike[str]) -> None:
    """Delete all that killed runs left in a folder and below; nobody may be writing there."""
    left = re.compile(rf"\..+\.{ENDING}")
    for root, _, names in os.walk(folder):
        for name in filter(left.fullmatch, names):
            Path(root, name).unlink(missing_ok=True)


def keep_newest(folder: str | os.PathLike[str], pattern: str, limit: int) -> None:
    """Delete the files that were longest not used, until the others have at most `limit` bytes; errors are ignored."""
    found = []
    for path in Path(folder).glob(pattern):
        with suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime_ns, state.st_size, path))
    total = 0
    for _, size, path in sorted(found, reverse=True):
        total += size
        if total > limit:
            with suppress(OSError):
                path.unlink()


def _stem(target: Path) -> str:
    """What the temporary names of a target have of its name, and those of no other; a name may have 255 bytes."""
    name = os.fsencode(target.name)
    return hashlib.sha256(name).hexdigest() if len(name) > 200 else target.name
