"""A document, read and looked through: what the page shows of one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.files import valid_text
from posecore.formats import stream_document
from posecore.overlay import PLAIN, person_colors
from posecore.pose import FramePose
from posecore.viewer.packing import unit_of
from posecore.viewer.series import Series, to_series


@dataclass(frozen=True, eq=False)
class Run:
    """A document. times: (n,) ms of its frames, rising; width, height: pixels of the upright picture."""

    path: Path
    meta: Mapping[str, Any]
    frames: Sequence[FramePose]
    series: Sequence[Series]
    times: NDArray[np.int64]
    width: int
    height: int

    @property
    def unit(self) -> float:
        """In which places are packed, in pixels."""
        return unit_of(self.width, self.height)

    @property
    def model(self) -> str:
        """What made it, in words."""
        words = (self.meta.get(key) for key in ("model_family", "model_size"))
        return text(" ".join(word for word in words if isinstance(word, str))) or text(self.meta.get("model"))

    @property
    def facts(self) -> dict[str, str]:
        """What is known of the run, for people to read."""
        known = {name.replace("_", " "): text(self.meta.get(name)) for name in ("source", "engine", "max_side")}
        fps = self.meta.get("fps")
        return {
            "document": text(self.path.name),
            **known,
            "model": self.model,
            "picture": f"{self.width} × {self.height}",
            "frames": f"{len(self.frames)}" + (f", {fps:.5g} a second" if isinstance(fps, (int, float)) else ""),
            "done since": "; ".join(map(text, self.meta.get("history", ()))),
        }


def read_run(path: Path) -> Run:
    """Raises ValueError when it is no document or none that can be shown, OSError when it cannot be read."""
    meta, stream = stream_document(path)
    frames = list(stream)
    try:
        return Run(path, meta, frames, to_series(frames), _times(frames), meta["width"], meta["height"])
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _times(frames: Sequence[FramePose]) -> NDArray[np.int64]:
    if not frames:
        raise ValueError("has no frames")
    numbers = [number for frame in frames for number in (frame.index, frame.timestamp_ms)]
    if min(numbers) < 0 or max(numbers) >= 2**32:
        raise ValueError("has frames whose number or time cannot be")
    times = np.array([frame.timestamp_ms for frame in frames])
    if (np.diff(times) < 0).any():
        raise ValueError("has frames whose times go back")
    return times


def head_of(run: Run) -> dict[str, Any]:
    """What the scripts of the page are told of a run beside its numbers, ready for JSON."""
    names = run.meta.get("track_names", {})
    return {
        "label": text(run.path.name),
        "model": run.model,
        "width": run.width,
        "height": run.height,
        "unit": run.unit,
        "count": len(run.frames),
        "series": [
            {
                "id": one.track_id,
                "name": text(names.get(str(one.track_id))),
                "count": len(one.frames),
                "colors": _colors(one),
            }
            for one in run.series
        ],
    }


def _colors(one: Series) -> dict[str, str]:
    """By side, as CSS has them: those of the overlay."""
    colors = PLAIN if one.track_id is None else person_colors(one.track_id)
    return {side: f"rgb{getattr(colors, side)}" for side in ("left", "right", "middle")}


def text(value: object) -> str:
    """What any file can hold of something a document says; nothing for nothing."""
    return "" if value is None else valid_text(str(value))
