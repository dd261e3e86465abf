"""Videos that are far away: whatever fsspec reaches, copied to this machine one at a time."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from posecore.files import writing
from posecore.temporary import temporary_folder

CHUNK = 1 << 20


def is_remote(path: str) -> bool:
    """Whether it is a URL."""
    return "://" in path


def name_of(url: str) -> str:
    """The path of a URL without what is asked of it: `https://host/a/b.mp4?key=1` is host/a/b.mp4."""
    if not url.startswith(("http://", "https://")):
        return url.partition("://")[2]
    parts = urlsplit(url)
    return parts.netloc + parts.path


def find_remote(given: str) -> list[str]:
    """The URLs of the files that match a pattern, or lie below a folder.

    Raises ValueError when fsspec cannot do it, OSError when there is no way to it.
    """
    system = _filesystem(given)
    with _reaching(given):
        path = system._strip_protocol(given)
        found = system.glob(path) if "*" in given else system.find(path)
        return [system.unstrip_protocol(path) for path in found]


def remote_state(url: str) -> tuple[int, str]:
    """(bytes, when last changed) of a file, as far as its storage says; see `posecore.batch.inputs.state`."""
    system = _filesystem(url)
    with _reaching(url):
        info = system.info(url)
    changed = next((info[key] for key in ("ETag", "etag", "mtime", "LastModified", "updated") if info.get(key)), "")
    return int(info.get("size") or 0), str(changed)


@contextmanager
def fetched(url: str) -> Iterator[str]:
    """A temporary copy of a file, fetched in parts."""
    with temporary_folder() as folder:
        copy = folder / (PurePosixPath(name_of(url)).name or "video")
        system = _filesystem(url)
        with _reaching(url), system.open(url, "rb") as source, writing(copy), open(copy, "wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        yield str(copy)


def _filesystem(url: str) -> Any:
    try:
        import fsspec

        return fsspec.core.url_to_fs(url)[0]
    except (ImportError, ValueError) as error:
        raise ValueError(f"{url}: cannot be reached ({error}); pip install 'posecore[ray]', s3fs or gcsfs") from error


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    """Every storage has errors of its own; all become one that says what to do."""
    try:
        yield
    except Exception as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else str(error) or type(error).__name__
        raise OSError(f"{url}: cannot be fetched ({reason}); check the address and your access to it") from error
