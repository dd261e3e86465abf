"""The files of a run: JSON that appears whole or not at all, and the partial run that an interruption leaves."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from posecore.files import file_sha256, replacing, valid_text, writing
from posecore.models import BLAZEPOSE, Model, model_file


def write_json(path: str | os.PathLike[str], content: Any) -> None:
    """Write JSON whole or not at all, each entry of the outermost level on a line of its own.

    Raises OSError when it cannot be written, ValueError for a number that is not finite.
    """
    if isinstance(content, Mapping):
        entries, ends = [f"{_text(name)}: {_text(value)}" for name, value in content.items()], "{}"
    else:
        entries, ends = [_text(value) for value in content], "[]"
    lines = ",\n".join(entries)
    with replacing(path) as temporary, writing(path):
        temporary.write_text(f"{ends[0]}\n{lines}\n{ends[1]}\n", encoding="utf-8")


def meta_path(results: str | os.PathLike[str]) -> Path:
    """R.meta.json beside R.json."""
    return Path(results).with_suffix(".meta.json")


def describe_model(model: Model, search: bool = False, path: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """Name, file and hash of a model; it is fetched when it is not there, with the person finder to search by.

    path: of a file of the user's own.
    """
    file = model_file(model, path, search=search)
    name = valid_text(short_name(model, path))
    return {"name": name, "file": valid_text(file.name), "sha256": file_sha256(file)}


def short_name(model: Model, path: str | os.PathLike[str] | None = None) -> str:
    """As results are called: of BlazePose the size alone, of a file of the user's own its name."""
    if path is not None:
        return Path(path).stem
    return model.size if model.family is BLAZEPOSE else model.name


def versions(engine: str) -> dict[str, str]:
    """The packages that decide a result."""
    return {name: version(name) for name in ("posecore", engine, "opencv-python", "numpy")}


def _text(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


class PartialRun:
    """What is done of a run, kept in R.json.partial.jsonl: first the settings, then a line per image.

    records: by image id, of this run and of an interrupted one with the same settings. Each is on disk before the
    next image starts; a line that was cut off is done again.

    Raises ValueError when the file belongs to a run with other settings, OSError when it cannot be written.
    """

    def __init__(self, results: str | os.PathLike[str], settings: Mapping[str, Any]) -> None:
        self.path = Path(f"{os.fspath(results)}.partial.jsonl")
        self.records: dict[Any, dict[str, Any]] = {}
        if Path(results).is_dir():
            raise ValueError(f"{results}: is a folder; name a file to write to")
        if self.path.exists():
            self._read(settings)
        lines = [settings, *({"image_id": image_id} | record for image_id, record in self.records.items())]
        with replacing(self.path) as temporary, writing(self.path):
            temporary.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        self._file = open(self.path, "a", encoding="utf-8")  # noqa: SIM115

    def _read(self, settings: Mapping[str, Any]) -> None:
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]  # what has no line end was cut off
            before, *records = map(json.loads, lines)
            before = dict(before)
            self.records = {record["image_id"]: _finished(record) for record in records}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"{self.path}: not a partial run ({error!r}); delete it to start anew") from error
        now = json.loads(json.dumps(settings))
        if differing := [name for name in now if before.get(name) != now[name]]:
            raise ValueError(
                f"{self.path}: an interrupted run with other settings ({_differences(before, now, differing)}); "
                "repeat its command, delete the file to start anew, or give another --results"
            )

    def add(self, image_id: Any, record: dict[str, Any]) -> None:
        """Keep the record of an image."""
        self.records[image_id] = record
        with writing(self.path):
            self._file.write(json.dumps({"image_id": image_id} | record) + "\n")
            self._file.flush()

    def complete(self) -> None:
        """The results are written: nothing is partial any more."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what has no room on the disk
            self._file.close()
        if not self.records:
            self.complete()


def _finished(record: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept of an image."""
    return {"results": [dict(result) for result in record["results"]], "ms": float(record["ms"])}


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], names: list[str]) -> str:
    """The first difference in words."""
    old, new = before.get(names[0]), now[names[0]]
    if not isinstance(old, dict) or not isinstance(new, dict):
        return f"{names[0]} {old}, now {new}"
    name = next(key for key in (*new, *old) if old.get(key) != new.get(key))
    return f"{names[0]} {name} {old.get(name)}, now {new.get(name)}"
