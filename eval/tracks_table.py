"""The table of people who are followed as Markdown, made from the files that track.py writes."""

from pathlib import Path
from typing import Any

from posecore.evaluation import read_json
from posecore.models import MODELS

MARKS = "<!-- tracks: made by eval/track.py -->", "<!-- end of tracks -->"
NAMES = list(MODELS)


def table(folder: Path) -> str:
    """The table, between its marks.

    Raises OSError or ValueError when the folder holds no results or a broken one.
    """
    runs = sorted((read_json(path) for path in folder.glob("*.json")), key=_place)
    if not runs:
        raise ValueError(f"{folder}: holds no results; write some with eval/track.py")
    clips = list(runs[0]["clips"])
    heads = ["model", "finder every", *clips, "recall", "changes per 100", "IDF1", "HOTA", "people/s"]
    machine = runs[0]["machine"]
    boxes = ", ".join(f"{name} {clip['true_boxes']}" for name, clip in runs[0]["clips"].items())
    lines = [
        MARKS[0],
        f"| {' | '.join(heads)} |",
        f"|---|{'--:|' * (len(heads) - 1)}",
        *map(_row, runs),
        "",
        "Of each clip recall of visible people / changes of identity / IDF1; then means over clips, and changes per "
        f"100 boxes of all. True boxes: {boxes}. people/s: people in frames per second of inference, on "
        f"{machine['processor']}, {machine['cores']} cores.",
        MARKS[1],
    ]
    return "\n".join(lines)


def _place(run: dict[str, Any]) -> tuple[int, int]:
    return NAMES.index(run["options"]["model"]), run["options"]["every"]


def _row(run: dict[str, Any]) -> str:
    mean = run["mean"]
    cells = [
        run["options"]["model"],
        str(run["options"]["every"]),
        *(f"{clip['recall']:.2f} / {clip['changes']} / {clip['idf1']:.2f}" for clip in run["clips"].values()),
        f"{mean['recall']:.3f}",
        f"{mean['changes_per_100']:.2f}",
        f"{mean['idf1']:.3f}",
        f"{mean['hota']:.3f}",
        f"{run['people_per_second']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"
