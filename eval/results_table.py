"""The table of results as Markdown, made from the files that run_all.py writes."""

from pathlib import Path
from typing import Any

from posecore.evaluation import read_json, short_name
from posecore.files import replacing
from posecore.models import MODELS
from posecore.options import ENGINES

NAMES = [short_name(model) for model in MODELS.values()]
MARKS = "<!-- results: made by eval/run_all.py -->", "<!-- end of results -->"
# RTMPose paper (arXiv:2303.07399), table 5: 1045 images of val2017 with one person, another list than ours
PUBLISHED = {
    "BlazePose lite": 0.293,
    "BlazePose full": 0.354,
    "MoveNet Lightning": 0.536,
    "MoveNet Thunder": 0.648,
    "RTMPose-s": 0.771,
}
HEADS = ("engine", "model", "looks at", "max side", "AP", "AP50", "AP75", "AR", "missed", "AP", "AR", "missed", "ms")


def table(folder: Path) -> str:
    """The table, between its marks.

    Raises OSError or ValueError when the folder holds no results or a broken one.
    """
    runs = sorted((read_json(path) for path in folder.glob("*.json")), key=_place)
    if not runs:
        raise ValueError(f"{folder}: holds no results; write some with eval/run_all.py")
    single, every = (runs[0][name]["images"]["run"] for name in ("single_person", "all"))
    published = ", ".join(f"{name} {ap:.3f}" for name, ap in PUBLISHED.items())
    machine = runs[0]["machine"]
    lines = [
        MARKS[0],
        f"| {' | '.join(HEADS)} |",
        f"|{'---|' * 4}{'--:|' * (len(HEADS) - 4)}",
        *map(_row, runs),
        "",
        f"First AP to missed: {single} pictures of one person; second: all {every} pictures, one to many people. "
        "Missed: labelled people without a pose. ms: from pixels to keypoints, median over the pictures of one person, "
        f"on {machine['processor']}, {machine['cores']} cores, of which mediapipe uses one and openvino all.",
        "",
        "AP published for *another subset*, 1045 single-person pictures of val2017 (RTMPose paper, table 5), so only "
        f"roughly comparable with the first AP: {published}.",
        MARKS[1],
    ]
    return "\n".join(lines)


def measured(folder: Path) -> dict[str, Any]:
    """What `posecore models` says of the models: AP and missed people on pictures of one person, and milliseconds."""
    engines: dict[str, dict[str, Any]] = {engine: {} for engine in ENGINES}
    for model in MODELS.values():
        for engine in model.family.engines:
            run = read_json(folder / f"{engine}_{short_name(model)}_image.json")
            single = run["single_person"]
            engines[engine][model.name] = {
                "AP": round(single["stats"]["AP"], 3),
                "missed": single["people"]["missed"],
                "ms": round(single["milliseconds"]["median"], 1),
                "machine": f"{run['machine']['processor']}, {run['machine']['cores']} cores",
            }
    return {"images": run["single_person"]["images"]["run"], "engines": engines}


def _place(run: dict[str, Any]) -> tuple[Any, ...]:
    options = run["options"]
    side = options["max_side"]
    model = NAMES.index(run["model"]["name"])
    boxed, searched = options["protocol"] == "box", options.get("search", False)
    return options["engine"], side > 0, boxed, searched, options.get("num_poses", 1) == 0, model, -side


def _row(run: dict[str, Any]) -> str:
    options, single, every = run["options"], run["single_person"], run["all"]
    cells = [
        options["engine"],
        run["model"]["name"],
        _looks_at(options),
        str(options["max_side"] or "–"),
        *(f"{single['stats'][name]:.3f}" for name in ("AP", "AP50", "AP75", "AR")),
        str(single["people"]["missed"]),
        *(f"{every['stats'][name]:.3f}" for name in ("AP", "AR")),
        str(every["people"]["missed"]),
        f"{single['milliseconds']['median']:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _looks_at(options: dict[str, Any]) -> str:
    where = {"image": "the picture", "box": "the true box"}[options["protocol"]]
    if options.get("search"):
        where += ", finder's boxes"
    return where if options.get("num_poses", 1) else f"{where}: everyone"


def around_table(path: Path, marks: tuple[str, str] = MARKS) -> tuple[str, str]:
    """What a text has before and after a table; ValueError without its marks, OSError when it cannot be read."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise ValueError(f"{path}: lacks the marks {' … '.join(marks)}; add them where the table belongs")
    return before, after


def replace_table(path: Path, text: str, marks: tuple[str, str] = MARKS) -> None:
    """Put a table into a text that has its marks; the errors are those of `around_table`."""
    before, after = around_table(path, marks)
    with replacing(path) as temporary:
        temporary.write_text(before + text + after, encoding="utf-8")
