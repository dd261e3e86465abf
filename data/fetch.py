"""Fetch COCO val2017, pictures and person keypoints, from the COCO site; README.md is its data card.

    python data/fetch.py coco-val2017

The files go to the folder that the environment variable POSECORE_DATA names, else to this one. An interrupted
download goes on where it stopped. Archives that lie in the folder already are used.
"""

import argparse
import hashlib
import http.client
import os
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from posecore.evaluation import read_annotations, single_person_ids
from posecore.files import replacing

TIMEOUT = 30  # seconds without a byte
CHUNK = 1 << 18


@dataclass(frozen=True)
class Archive:
    """A zip file of the COCO site.

    size: bytes. sha256: in hexadecimal; the site publishes none, README.md says where it is from; None: not checked.
    members: pattern of the files to unpack; they keep their place below coco/.
    unpacked: bytes of these, about.
    """

    url: str
    size: int
    sha256: str | None
    members: str
    unpacked: int

    @property
    def name(self) -> str:
        """The file name."""
        return PurePosixPath(self.url).name


ARCHIVES = (
    Archive(
        "http://images.cocodataset.org/annotations/annotations_trainval2017.zip",
        252907541,
        "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
        "annotations/person_keypoints_val2017.json",
        10_000_000,
    ),
    Archive(
        "http://images.cocodataset.org/zips/val2017.zip",
        815585330,
        "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
        "val2017/*.jpg",
        820_000_000,
    ),
)
ANNOTATIONS = Path("coco", "annotations", "person_keypoints_val2017.json")


def data_folder() -> Path:
    """Where the data goes: $POSECORE_DATA, else the folder of this file."""
    return Path(os.environ.get("POSECORE_DATA") or Path(__file__).parent).expanduser()


def fetch_coco(folder: Path, archives: Sequence[Archive]) -> None:
    """Have the pictures and annotations in `folder`, whatever of them is there already.

    Raises ConnectionError when the site cannot be reached, ValueError when an archive is not the expected one, OSError
    when something cannot be written.
    """
    if is_complete(folder):
        say(f"coco-val2017 is complete in {folder / 'coco'}")
        return
    wanted = [archive for archive in archives if not (folder / archive.name).exists()]
    announce(folder, wanted, archives)
    for archive in archives:
        path = folder / archive.name
        if archive in wanted:
            download(archive, path, archives)
        else:
            check(archive, path, f"{path}:", "; delete it, or put the right one there")
        unpack(archive, path, folder / "coco")
    dataset = read_annotations(folder / ANNOTATIONS)
    with replacing(folder / "coco" / "single_person.txt") as temporary:
        temporary.write_text("".join(f"{image_id}\n" for image_id in single_person_ids(dataset)), encoding="utf-8")
    if missing := missing_pictures(folder):
        raise ValueError(f"{folder / 'coco' / 'val2017'}: {len(missing)} pictures are missing, such as {missing[0]}")
    say(f"coco-val2017 is complete in {folder / 'coco'}; the archives in {folder} are not needed any more")


def is_complete(folder: Path) -> bool:
    """Whether every picture of the annotations is there, and the list of single-person images."""
    there = (folder / ANNOTATIONS).is_file() and (folder / "coco" / "single_person.txt").is_file()
    return there and not missing_pictures(folder)


def missing_pictures(folder: Path) -> list[str]:
    """Pictures of the annotations that are not there."""
    pictures = folder / "coco" / "val2017"
    there = {path.name for path in pictures.iterdir()} if pictures.is_dir() else set()
    return [image["file_name"] for image in read_annotations(folder / ANNOTATIONS)["images"]
            if image["file_name"] not in there]  # fmt: skip


def announce(folder: Path, wanted: Sequence[Archive], archives: Sequence[Archive]) -> None:
    """Say how many bytes will be fetched; OSError when they will not fit."""
    here = {archive: size_of(part_path(folder / archive.name)) for archive in wanted}
    left = sum(max(archive.size - here[archive], 0) for archive in wanted)
    if wanted:
        names = ", ".join(f"{archive.name} {archive.size:,}" for archive in wanted)
        kept = f"; {sum(here.values()):,} are here already" if any(here.values()) else ""
        say(f"fetching {left:,} bytes to {folder} ({names}{kept})")
    folder.mkdir(parents=True, exist_ok=True)
    room, need = shutil.disk_usage(folder).free, left + sum(archive.unpacked for archive in archives)
    if room < need:
        raise OSError(
            f"{folder}: {room:,} bytes are free, about {need:,} are needed; set POSECORE_DATA to another disk"
        )


def part_path(path: Path) -> Path:
    """Where a download grows."""
    return path.with_name(f"{path.name}.part")


def size_of(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def download(archive: Archive, path: Path, archives: Sequence[Archive]) -> None:
    """Fetch an archive, going on with what an earlier attempt left, and check it."""
    part = part_path(path)
    if size_of(part) > archive.size:
        part.unlink()
    if size_of(part) < archive.size:
        try:
            receive(archive, part)
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise ConnectionError(by_hand(path.parent, archive, archives, getattr(error, "reason", error))) from error
    if (got := size_of(part)) < archive.size:
        reason = f"it stopped after {got:,} of {archive.size:,} bytes"
        raise ConnectionError(by_hand(path.parent, archive, archives, reason))
    try:
        check(archive, part, f"{archive.url}:", "; nothing was kept, run this again")
    except ValueError:
        part.unlink()
        raise
    part.replace(path)


def receive(archive: Archive, part: Path) -> None:
    """Append to a partial file what it lacks; a server that knows no ranges sends it from the start."""
    start = size_of(part)
    request = urllib.request.Request(archive.url, headers={"Range": f"bytes={start}-"} if start else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        if response.status != 206:
            start = 0
        length = response.headers.get("Content-Length")
        if length is not None and start + int(length) != archive.size:
            raise ValueError(
                f"{archive.url}: the server has {start + int(length):,} bytes, expected {archive.size:,}; "
                "another file, nothing was fetched"
            )
        with (
            open(part, "ab" if start else "wb") as file,
            tqdm(total=archive.size, initial=start, unit="B", unit_scale=True, disable=None, desc=archive.name) as bar,
        ):
            while chunk := response.read(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))


def by_hand(folder: Path, archive: Archive, archives: Sequence[Archive], reason: object) -> str:
    """What to do when the site cannot be reached."""
    names = " and ".join(f"{archive.name} ({archive.url})" for archive in archives)
    return (
        f"{archive.name}: cannot be fetched ({reason}); run this again to go on where it stopped, or put {names} "
        f"into {folder} by hand"
    )


def check(archive: Archive, path: Path, what: str, cure: str) -> None:
    """Raise ValueError when a file has not the size and the hash of the archive."""
    if (size := size_of(path)) != archive.size:
        raise ValueError(f"{what} has {size:,} bytes, expected {archive.size:,}{cure}")
    if archive.sha256 is None:
        return
    with open(path, "rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != archive.sha256:
        raise ValueError(f"{what} has SHA-256 {actual}, expected {archive.sha256}{cure}")


def unpack(archive: Archive, path: Path, folder: Path) -> None:
    """Unpack the wanted members below `folder`; those that are there in full are left alone."""
    try:
        with zipfile.ZipFile(path) as content:
            members = [m for m in content.infolist() if fnmatch(m.filename, archive.members) and ".." not in m.filename]
            if not members:
                raise ValueError(f"{path}: holds no {archive.members}; delete it and run this again")
            for member in tqdm(members, unit="file", disable=None, desc=f"unpacking {path.name}"):
                target = folder / member.filename
                if size_of(target) == member.file_size:
                    continue
                with replacing(target) as temporary, content.open(member) as source, open(temporary, "wb") as file:
                    shutil.copyfileobj(source, file)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path}: a damaged archive ({error}); delete it and run this again") from error


def say(message: str) -> None:
    """Tell the user, on stderr."""
    print(f"fetch: {message}", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Fetch; the exit status is 2 when that fails, 130 when it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=["coco-val2017"])
    parser.parse_args(arguments)
    try:
        fetch_coco(data_folder(), ARCHIVES)
    except (OSError, ValueError) as error:
        say(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        say("interrupted; the same command goes on where it stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
