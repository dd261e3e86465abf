"""Temporary files and folders by whose locks one can tell whether their process lives; dead ones' are removed.

A lock ends with its process, however that ends. On a shared disk that has no locks, or does not tell other machines of
them, a lock says nothing: therefore a name also says of which machine it is, and what others left stays.
"""

import hashlib
import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: nothing is locked, and nothing removed
    fcntl = None

ENDING = r"\d+-[0-9a-f]{4}-[0-9a-f]{8}\.part"  # of a temporary name: process, chance, machine


def temporary_name(prefix: str) -> str:
    """A name that nothing has yet."""
    return f".{prefix}.{os.getpid()}-{secrets.token_hex(2)}-{_machine()}.part"


@contextmanager
def held(path: Path, make: Callable[[Path], object]) -> Iterator[None]:
    """Have `make` make a file or folder under a temporary name, and keep it locked during the block."""
    lock = _make_locked(path, make)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder where the system has its temporary files, for the time of the block."""
    place = Path(tempfile.gettempdir())
    remove_dead(place)
    folder = place / temporary_name("posecore")
    try:
        with held(folder, lambda path: path.mkdir(mode=0o700)):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def remove_dead(folder: Path) -> None:
    """Delete what processes of this machine that are no more left in a folder; a process does it once."""
    dead = re.compile(rf"\..+\.{ENDING}")
    with suppress(OSError):
        for name in os.listdir(folder) if fcntl else ():
            if dead.fullmatch(name) and name.endswith(f"-{_machine()}.part"):
                _remove_unless_held(folder / name)


def _remove_unless_held(path: Path) -> None:
    with suppress(OSError):  # held, somebody else's, or gone
        lock = _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock is not None:
            try:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            finally:
                os.close(lock)


def _make_locked(path: Path, make: Callable[[Path], object]) -> int | None:
    while True:
        make(path)
        try:
            lock = _locked(path, fcntl.LOCK_EX) if fcntl else None
        except OSError:  # a disk without locks
            return None
        if lock is not None or not fcntl:
            return lock  # or it was taken for a dead one's before it was locked


def _locked(path: Path, how: int) -> int | None:
    """A descriptor that locks it until it is closed; None when it is not there any more.

    Raises OSError when there are no locks, and when it is locked and `how` does not wait.
    """
    try:
        descriptor = os.open(path, (os.O_RDONLY if path.is_dir() else os.O_RDWR) | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, how)
        there = os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        there = False
    except OSError:
        os.close(descriptor)
        raise
    if there:
        return descriptor
    os.close(descriptor)
    return None


@cache
def _machine() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
