"""Every command that writes, stopped by SIGINT or SIGTERM at random moments."""

import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import av
from batch import links
from live import stream
from scale_clips import decoded, write
from soak_process import TEMPORARY, start

LITE = ("--model-complexity", "0")
ENDS_WITHIN = 2.0  # seconds after a signal
FRAMES, SIDES = 40, (640, 360)  # of the clip, with which no command takes longer than some seconds
PICTURES = 6
STATUSES = {0, 130, 143, -signal.SIGINT, -signal.SIGTERM}


@dataclass(frozen=True)
class Command:
    """Words of a command, and what it writes: files and folders. stays: what is whole stays when it was stopped.

    Of other commands nothing stays, or all where they were stopped just as the last was put in its place.
    """

    words: Sequence[object]
    made: Sequence[str]
    stays: bool = False

    def files(self, folder: Path) -> list[Path]:
        """All that is there of what it writes."""
        places = [folder / name for name in self.made]
        return [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]

    def clear(self, folder: Path) -> None:
        """Take away what it writes."""
        for path in (folder / name for name in self.made):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def wrong(self, folder: Path, stopped: bool) -> list[str]:
        """What is there that should not be, or is not whole."""
        files = self.files(folder)
        left = [*folder.rglob("*.part"), *(folder / TEMPORARY).iterdir()]
        if stopped and not self.stays and len(files) < len(self.made):
            left += files
        return [path.name for path in left] + [f"torn {path.name}" for path in files if not is_whole(path)]


def is_whole(path: Path) -> bool:
    """Whether all that a file begins is there."""
    try:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".csv":
            return path.read_text().endswith("\n")
        elif path.suffix == ".jsonl":
            content = path.read_text()
            return content.endswith("\n") and all(json.loads(line) for line in content.splitlines())
        elif path.suffix in (".mkv", ".mp4"):
            with av.open(str(path)) as video:
                return sum(1 for _ in video.decode(video=0)) > 0
    except (ValueError, av.FFmpegError):
        return False
    return True


def stop(name: str, command: Command, folder: Path, times: int, rng: random.Random) -> dict[str, Any]:
    """Stop a command at so many moments."""
    began = time.monotonic()
    process = start(command.words, folder)
    said = process.communicate()[1]
    if process.returncode or not command.files(folder):
        raise RuntimeError(f"{name}, undisturbed: status {process.returncode}: {said}")
    lasts, late, traces, longest = time.monotonic() - began, 0, 0, 0.0
    statuses, left, early = Counter[int](), Counter[str](), 0
    for number in range(times):
        command.clear(folder)
        process = start(command.words, folder)
        time.sleep(rng.uniform(0, lasts))
        process.send_signal((signal.SIGINT, signal.SIGTERM)[number % 2])
        sent = time.monotonic()
        said = process.communicate()[1]
        took = time.monotonic() - sent
        if "Traceback" in said and "/posecore/cli/" not in said:  # of Python's own start
            early += 1
            continue
        statuses[process.returncode] += 1
        longest, late = max(longest, took), late + (took > ENDS_WITHIN)
        traces += "Traceback" in said
        left.update(command.wrong(folder, process.returncode != 0))
        for path in (folder / TEMPORARY).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    command.clear(folder)
    return {
        "command": name,
        "stopped": times,
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "lasts_s": round(lasts, 1),
        "longest_s": round(longest, 2),
        "late": late,
        "left": dict(left),
        "tracebacks": traces,
        "while_python_starts": early,
        "kept": not (late or left or traces) and set(statuses) <= STATUSES,
    }


def pictures(folder: Path) -> list[object]:
    """The arguments of `evaluate` that name some pictures of POSECORE_DATA's COCO and what is on them."""
    coco = Path(os.environ.get("POSECORE_DATA", "data"), "coco")
    truth = json.loads((coco / "annotations/person_keypoints_val2017.json").read_text())
    ids = [int(line) for line in (coco / "single_person.txt").read_text().split()[:PICTURES]]
    images = [image for image in truth["images"] if image["id"] in ids]
    seen = [person for person in truth["annotations"] if person["image_id"] in ids]
    few = {"images": images, "annotations": seen, "categories": truth["categories"]}
    (folder / "coco.json").write_text(json.dumps(few))
    return ["--annotations", "coco.json", "--images", (coco / "val2017").resolve()]


def true_ids(folder: Path, clip: Path) -> None:
    """In clips/: the clip, and as true ids those of the document that is there of it."""
    (folder / "clips").mkdir()
    shutil.copy(clip, folder / "clips/a.mp4")
    frames = json.loads((folder / "in.json").read_text())["frames"]
    people = {n: [_labelled(person) for person in frame["persons"]] for n, frame in enumerate(frames)}
    (folder / "clips/a.ids.json").write_text(json.dumps({"frames": people}))


def _labelled(person: dict[str, Any]) -> dict[str, Any]:
    x, y = ([point[axis] for point in person["keypoints"]] for axis in "xy")
    return {"id": person["track_id"], "bbox": [min(x), min(y), max(x) - min(x), max(y) - min(y)]}


def stop_all(folder: Path, demo: Path, times: int, rng: random.Random) -> list[dict[str, Any]]:
    """Stop every command."""
    clip = write(folder / "clip.mp4", islice(decoded(demo), FRAMES), *SIDES)
    links(clip, folder / "many", 3)
    start(["run", clip, "--people", "all", "--json", "in.json", *LITE], folder).communicate()
    start(["export", "in.json", "--to", "csv", "-o", "in.csv"], folder).communicate()
    true_ids(folder, clip)
    with stream(30) as address:
        commands = {
            "run": Command(["run", clip, "-o", "a.mp4", "--json", "a.json", *LITE], ["a.mp4", "a.json"]),
            "run --people all": Command(["run", clip, "--people", "all", "--json", "a.json", *LITE], ["a.json"]),
            "batch": Command(["batch", "--input", "many", "--output-dir", "out", *LITE], ["out"], stays=True),
            "live": Command(
                ["live", "--url", address, "--duration", "2", "-o", "l.mkv", "--json", "l.jsonl", *LITE],
                ["l.mkv", "l.jsonl"],
            ),
            "draw": Command(["draw", "in.json", "--input", clip, "-o", "d.mp4"], ["d.mp4"]),
            "smooth": Command(["smooth", "in.json", "-o", "s.json"], ["s.json"]),
            "view": Command(["view", "in.json", "--video", clip, "-o", "v.html"], ["v.html"]),
            "export": Command(["export", "in.json", "--to", "csv", "-o", "e.csv"], ["e.csv"]),
            "import": Command(["import", "in.csv", "--video", clip, "-o", "i.json"], ["i.json"]),
            "tracks": Command(["tracks", "drop", "in.json", "1", "-o", "t.json"], ["t.json"]),
            "compare": Command(
                ["compare", clip, "--models", "blazepose-lite", "--sample", "1", "-o", "c.html"], ["c.html"]
            ),
            "evaluate": Command(["evaluate", *pictures(folder), "-o", "scores", *LITE], ["scores"], stays=True),
            "evaluate tracks": Command(["evaluate", "tracks", "--clips", "clips", "-o", "f.json", *LITE], ["f.json"]),
        }
        return [stop(name, command, folder, times, rng) for name, command in commands.items()]
