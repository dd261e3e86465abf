"""What is behind an address, as a file: a transfer that breaks off goes on where it stopped, in a later run too.

Several processes may fetch the same file at a time: all write the same bytes to the same places.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

from posecore.files import writing

TIMEOUT = 20  # seconds without a byte until a host counts as out of reach
CHUNK = 1 << 16


@contextmanager
def received(address: str, path: Path, size: int) -> Iterator[FileIO]:
    """The file behind an address, open for reading, during the block.

    path: it lies there with ".part" at the end of its name, and stays there for the next time when it is interrupted.
    size: bytes that it should have.

    Raises ConnectionRefusedError when the host cannot be reached or does not have it, ConnectionAbortedError when the
    transfer breaks off and brings nothing when it is tried again, OSError when the file cannot be written.
    """
    part, done = path.with_name(f"{path.name}.part"), False
    with writing(part):
        part.parent.mkdir(parents=True, exist_ok=True)
        file = open(part, "r+b", 0, opener=lambda name, flags: os.open(name, flags | os.O_CREAT, 0o666))  # noqa: SIM115
    try:
        with file:
            _complete(file, address, path.name, size)
            file.seek(0)
            done = True
            yield file
    except KeyboardInterrupt:
        done = False
        raise
    finally:
        with suppress(OSError):  # another process that had the same was quicker
            if done or part.stat().st_size == 0:
                part.unlink()


def _complete(file: FileIO, address: str, name: str, size: int) -> None:
    """Go on as long as something comes."""
    if _size_of(file) > size:
        file.truncate(0)
    while (start := _size_of(file)) != size:
        try:
            return _receive(file, start, address, name, size)
        except ConnectionAbortedError:
            if _size_of(file) <= start:
                raise


def _receive(file: FileIO, start: int, address: str, name: str, size: int) -> None:
    """Add what it lacks from the byte `start` on; a host that knows no ranges sends all."""
    from tqdm import tqdm

    response = _ask(address, file, start)
    start = start if response.status == 206 else 0
    promised = response.headers.get("Content-Length")
    bar = tqdm(total=size, initial=start, unit="B", unit_scale=True, disable=None, desc=name)
    with response, bar:
        file.seek(start)
        while chunk := _read(response):
            bar.update(len(chunk))
            with writing(file.name):
                while chunk:
                    chunk = chunk[file.write(chunk) :]
        if promised is not None and (got := file.tell()) != start + int(promised):
            raise ConnectionAbortedError(f"broke off after {got} of {start + int(promised)} bytes")


def _ask(address: str, file: FileIO, start: int) -> Any:
    """The host's answer to the wish for all from a byte on."""
    import urllib.error
    import urllib.request  # ssl and all take a while, and most starts need none of it

    request = urllib.request.Request(address, headers={"Range": f"bytes={start}-"} if start else {})
    with _network(ConnectionRefusedError):
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # it has no such byte: what is here is of another file
                file.truncate(0)
            raise


def _read(response: Any) -> bytes:
    with _network(ConnectionAbortedError):
        chunk: bytes = response.read(CHUNK)
        return chunk


@contextmanager
def _network(kind: type[ConnectionError]) -> Iterator[None]:
    """Have whatever goes wrong with a host be of one kind."""
    import http.client

    try:
        yield
    except http.client.HTTPException as error:
        raise kind(f"broke off, or is no web server ({error!r})") from error
    except OSError as error:
        raise kind(str(getattr(error, "reason", error))) from error


def _size_of(file: FileIO) -> int:
    return os.fstat(file.fileno()).st_size
