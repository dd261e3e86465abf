"""The videos of a batch: found in a folder, by a pattern or in a list, here or far away."""

import glob
import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from posecore.batch.remote import fetched, find_remote, is_remote, name_of, remote_state

# How files end that FFmpeg reads moving pictures from.
ENDINGS = (
    "264 265 266 3g2 3gp amv asf av1 avi avs2 avs3 cavs cine dav divx drc dv dvr-ms evo f4v flc fli flv gxf h261 h263 "
    "h264 h265 h266 h26l hevc ivf ivr kux lvf m1v m2p m2t m2ts m2v m4v mj2 mjpeg mjpg mk3d mkv mod mov mp4 mp4v "
    "mpe mpeg mpg mpv mts mxf mxg nsv nut nuv obu ogm ogv ogx pva qt r3d rm rmvb roq smk swf tod tp trp ts ty vc1 viv "
    "vob vro vvc webm wm wmv wtv xmv y4m yop"
)
SUFFIXES = frozenset(f".{ending}" for ending in ENDINGS.split())
LONGEST = 245  # bytes of an output's name without suffix; with it a name may have 255
LOOKS = 16  # inputs that are looked at side by side: far away it takes a while

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Source:
    """A video. path: absolute, of a file, or a URL; name: what its outputs are called, a relative path, no suffix."""

    path: str
    name: str


def find_inputs(given: str, out: str | os.PathLike[str] | None = None) -> list[Source]:
    """The videos that a folder, a pattern such as `videos/**/*.mp4`, or a text file with a path or URL a line names.

    A folder or a pattern may be a URL, and one video is a batch too. Names are relative to the folder, to the part of
    the pattern without wildcards, or to what all paths of the list have in common. Hidden files are left out.

    out: folder of the outputs; it may lie in the folder of the inputs, and nothing in it is one.

    Raises ValueError when there is none, when two would have the same name, and when `out` is the folder of the inputs.
    """
    root, paths = _find(given, out)
    if not paths:
        raise ValueError(f"{given}: no video there; give a folder, a pattern in quotes, or a text file of paths")
    sources = [Source(path, _output_name(_relative(path, root))) for path in sorted(set(paths))]
    _refuse_collisions(sources)
    return sources


def _find(given: str, out: str | os.PathLike[str] | None) -> tuple[str, list[str]]:
    """Folder that names are relative to, and all paths or URLs."""
    if is_remote(given):
        return _find_far(given)
    if not os.path.isdir(given) and (os.path.exists(given) or not glob.has_magic(given)):
        paths = [_absolute(path) for path in ([given] if _suffix(given) in SUFFIXES else _read_list(given))]
        return _common_folder(paths), paths
    if os.path.isdir(given):
        root, paths = given, [path for path in _below(given) if _suffix(path) in SUFFIXES]
    else:
        root, paths = _fixed_part(given), glob.glob(given, recursive=True)
    paths = [os.path.abspath(path) for path in paths if os.path.isfile(path)]
    root = os.path.abspath(root)
    return root, paths if out is None else _leave_out(paths, root, out)


def _find_far(given: str) -> tuple[str, list[str]]:
    if "*" not in given and _suffix(given) in SUFFIXES:
        return given.rpartition("/")[0], [given]
    root = given.partition("*")[0].rpartition("/")[0] if "*" in given else given.rstrip("/")
    return root, [url for url in find_remote(given) if "*" in given or _suffix(url) in SUFFIXES]


def _below(folder: str) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(root, name) for name in names if not name.startswith("."))


def _leave_out(paths: list[str], root: str, out: str | os.PathLike[str]) -> list[str]:
    """The paths that do not lie in the folder of the outputs."""
    real_root, real_out = os.path.realpath(root), os.path.realpath(out)
    if real_out == real_root:
        raise ValueError(f"{out}: is the folder of the inputs; name another one for the outputs")
    if not Path(real_out).is_relative_to(real_root):
        return paths
    inside = os.path.join(root, os.path.relpath(real_out, real_root), "")
    return [path for path in paths if not path.startswith(inside)]


def _absolute(path: str) -> str:
    return path if is_remote(path) else os.path.abspath(path)


def _suffix(path: str) -> str:
    return PurePosixPath(name_of(path) if is_remote(path) else path).suffix.lower()


def _fixed_part(pattern: str) -> str:
    parts = Path(pattern).parts
    return str(Path(*parts[: next(i for i, part in enumerate(parts) if glob.has_magic(part))]))


def _read_list(path: str) -> list[str]:
    content = Path(path).read_bytes()
    if b"\0" in content:
        raise ValueError(f"{path}: not a text file; give a folder, a pattern in quotes, or a list of paths")
    lines = [os.fsdecode(line.strip()) for line in content.split(b"\n")]
    return [line for line in lines if line and not line.startswith("#")]


def _common_folder(paths: list[str]) -> str:
    folders = {os.path.dirname(path) for path in paths}
    if len(folders) == 1:
        return folders.pop()
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:  # paths and URLs mixed
        return ""


def _relative(path: str, root: str) -> str:
    if not is_remote(path):
        relative = os.path.relpath(path, root or os.sep)
    elif path.startswith(f"{root}/"):
        relative = name_of(path)[len(name_of(f"{root}/")) :]
    else:
        relative = name_of(path)
    return "/".join(part for part in Path(relative).parts if part not in ("..", os.sep))


def _output_name(relative: str) -> str:
    """Without suffix; a name that has no room for another one is cut, and told from others by a hash."""
    path = PurePosixPath(relative).with_suffix("")
    if len(os.fsencode(path.name)) <= LONGEST:
        return str(path)
    digest, head = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8], path.name
    while len(os.fsencode(head)) > LONGEST - 9:
        head = head[:-1]
    return str(path.with_name(f"{head}-{digest}"))


def _refuse_collisions(sources: list[Source]) -> None:
    by_name: dict[str, str] = {}
    for source in sources:
        if (other := by_name.setdefault(source.name, source.path)) != source.path:
            raise ValueError(f"{other} and {source.path}: both would be written as {source.name}; rename one")


def ignores_case(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder lies on a disk on which `A` and `a` are one name."""
    probe = Path(folder, f".case-{os.getpid()}")
    probe.touch()
    try:
        return probe.with_name(probe.name.upper()).exists()
    finally:
        probe.unlink(missing_ok=True)


def refuse_alike(names: Iterable[str]) -> None:
    """Raise ValueError when two names differ only in what a disk may ignore: case, and how accents are written."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            raise ValueError(
                f"{other} and {name}: are one name on the disk of the outputs; rename one, or choose another"
            )


def state(path: str) -> tuple[int, str]:
    """(bytes, when last changed) of a video, to tell whether it is still the same.

    Raises OSError when it cannot be found.
    """
    if is_remote(path):
        return remote_state(path)
    found = os.stat(path)
    return found.st_size, str(found.st_mtime_ns)


def look_at_all(look: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """What a look at each gives, LOOKS at the same time."""
    with ThreadPoolExecutor(LOOKS) as pool:
        return list(pool.map(look, items))


@contextmanager
def local_file(path: str) -> Iterator[str]:
    """A video as a file of this machine: itself, or a temporary copy of what a URL names."""
    if is_remote(path):
        with fetched(path) as copy:
            yield copy
    else:
        yield path
