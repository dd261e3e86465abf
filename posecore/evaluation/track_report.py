"""How well people are followed in several clips: their truth, the figures as JSON, and as a table."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from posecore.evaluation.tracks import TrackScore, TrueFrame, read_true_tracks

ENDING = ".ids.json"
FIGURES = ("recall", "changes_per_100", "idf1", "hota")


def clips_folder(default: str | os.PathLike[str] = "data") -> Path:
    """The folder with clips whose people are known: people/ in $POSECORE_DATA, in `default` when that is not set.

    Raises FileNotFoundError, with what to get, when there are none.
    """
    folder = Path(os.environ.get("POSECORE_DATA") or default).expanduser() / "people"
    if not any(folder.glob(f"*{ENDING}")):
        raise FileNotFoundError(
            f"{folder}: no clips with a NAME{ENDING} beside them; eval/README.md says what that is, set POSECORE_DATA "
            "to the folder that holds people/"
        )
    return folder


def true_tracks_of(folder: str | os.PathLike[str]) -> dict[str, dict[int, TrueFrame]]:
    """The labelled frames of every NAME.ids.json of a folder, by NAME.

    Raises OSError when one cannot be read, ValueError when there is none or one is something else.
    """
    paths = sorted(Path(folder).glob(f"*{ENDING}"))
    if not paths:
        raise ValueError(
            f"{folder}: holds no NAME{ENDING}, so nobody knows who is who; eval/README.md says what one has"
        )
    return {path.name.removesuffix(ENDING): read_true_tracks(path) for path in paths}


def track_figures(scores: Mapping[str, TrackScore]) -> dict[str, Any]:
    """The figures of each clip, and of all: means in which every clip counts once, and changes per 100 boxes of all."""
    clips = {
        name: asdict(score) | {figure: round(getattr(score, figure), 4) for figure in FIGURES}
        for name, score in scores.items()
    }
    means = {figure: sum(getattr(score, figure) for score in scores.values()) / len(scores) for figure in FIGURES}
    boxes = sum(score.true_boxes for score in scores.values())
    means["changes_per_100"] = 100 * sum(score.changes for score in scores.values()) / boxes
    return {"clips": clips, "mean": {figure: round(value, 4) for figure, value in means.items()}}


def track_table(figures: Mapping[str, Any]) -> str:
    """The figures of `track_figures` as text, a line for each clip and one for their mean."""
    width = max(map(len, [*figures["clips"], "clip", "mean"]))
    head = f"{'clip':{width}} {'boxes':>6} {'recall':>7} {'changes':>8} {'per 100':>8} {'IDF1':>6} {'HOTA':>6}"
    rows = [
        f"{name:{width}} {clip['true_boxes']:6} {clip['recall']:7.3f} {clip['changes']:8} {_last(clip)}"
        for name, clip in figures["clips"].items()
    ]
    mean = figures["mean"]
    return "\n".join([head, *rows, f"{'mean':{width}} {'':6} {mean['recall']:7.3f} {'':8} {_last(mean)}"])


def _last(row: Mapping[str, Any]) -> str:
    return f"{row['changes_per_100']:8.2f} {row['idf1']:6.3f} {row['hota']:6.3f}"
