"""Files by name: from the cache, else from the first source that has them, checked by SHA-256."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from posecore.assets.catalog import ASSETS, TFJS_GRAPH, TFJS_WEIGHTS, Asset, Source
from posecore.assets.pack import stored_zip
from posecore.assets.sources import READERS
from posecore.files import file_sha256, replacing, writing


def cache_folder() -> Path:
    """The folder where fetched files are kept; it need not exist."""
    if folder := os.environ.get("POSECORE_CACHE"):
        return Path(folder).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("posecore"))


def cached(name: str) -> Path | None:
    """The path of a fetched file whose hash is right, else None.

    Raises ValueError for a name that is not in ASSETS.
    """
    if name not in ASSETS:
        raise ValueError(f"{name}: unknown; known are {', '.join(ASSETS)}")
    path = cache_folder() / ASSETS[name].file_name
    return path if path.is_file() and file_sha256(path) in ASSETS[name].sha256 else None


def fetch(name: str) -> Path:
    """The path of a file by name; when it is not cached it is downloaded, which is announced on stderr.

    Raises ValueError for a name that is not in ASSETS or a download with the wrong hash, ConnectionError when no
    source can be reached.
    """
    if path := cached(name):
        return path
    asset, reasons = ASSETS[name], []
    _check_cache(cache_folder() / asset.file_name)
    for source in asset.sources:
        _say(f"downloading {name} from {source.place} ({source.size / 1e6:.1f} MB) to {cache_folder()}")
        try:
            parts = READERS[source.kind](source)
        except OSError as error:
            reasons.append(f"{source.name}: {getattr(error, 'reason', error)}")
            _say(reasons[-1])
            continue
        _keep(asset, source, parts)
        return cache_folder() / asset.file_name
    raise ConnectionError(
        f"{asset.file_name}: cannot be had ({'; '.join(reasons)}); check the network, or put it into {cache_folder()} "
        f"by hand (from {asset.sources[0].place})"
    )


def _keep(asset: Asset, source: Source, parts: list[bytes]) -> None:
    """Check what was downloaded and put the file into the cache."""
    for (member, expected), part in zip(source.members, parts, strict=False):
        _check(f"{source.place}: {member}", part, [expected])
    content = parts[0] if source.kind == "url" else _assemble(asset.kind, parts)
    _check(source.place, content, asset.sha256)
    path = cache_folder() / asset.file_name
    with _in_cache(), replacing(path) as temporary, writing(path):
        temporary.write_bytes(content)


def _check_cache(path: Path) -> None:
    """Raise OSError when a file cannot be put there: before it is downloaded."""
    with suppress(InterruptedError), _in_cache(), replacing(path):
        raise InterruptedError  # the file that is there, or none, stays


@contextmanager
def _in_cache() -> Iterator[None]:
    """Say what to do when the cache cannot be written."""
    try:
        yield
    except InterruptedError:
        raise
    except (OSError, ValueError) as error:
        where = "set the environment variable POSECORE_CACHE to a folder of your own"
        raise OSError(f"{error}; {where}") from error


def _assemble(kind: str, parts: list[bytes]) -> bytes:
    """The file of an asset of this kind from the members of a package."""
    if kind == "task":
        from posecore.assets.bundle import make_bundle  # flatbuffers take a while

        return make_bundle(*parts)
    if kind == "tfjs":
        return stored_zip(dict(zip((TFJS_GRAPH, TFJS_WEIGHTS), parts, strict=True)))
    (content,) = parts
    return content


def _check(what: str, content: bytes, expected: Iterable[str]) -> None:
    actual = hashlib.sha256(content).hexdigest()
    if actual not in expected:
        raise ValueError(f"{what}: wrong SHA-256 {actual}, expected {' or '.join(expected)}; nothing was kept")


def _say(message: str) -> None:
    with suppress(OSError):  # nobody reads it
        print(f"posecore: {' '.join(message.split())}", file=sys.stderr, flush=True)
