"""The table of results as Markdown, made from the files that run_all.py writes."""

from pathlib import Path
from typing import Any

from posecore.evaluation import read_json, short_name
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
FOUND_SUBSETS = ("single_person", "single_person", "several_people", "all")
NO_IMAGES = {"images": {"run": 0}}
WHOLE = {"engine": "openvino", "protocol": "image", "max_side": 0}
FOUND_HEADS = ("model", "looks at", "one person, one pose", "one person", "several people", "all pictures")


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
        *_found(runs),
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
    boxed, everyone = options["protocol"] == "box", options["num_poses"] == 0
    return options["engine"], side > 0, boxed, options["search"], options["mirror"], everyone, model, -side


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
        f"{single['milliseconds']['median']:.1f}" if single["milliseconds"] else "–",
    ]
    return f"| {' | '.join(cells)} |"


def _found(runs: list[dict[str, Any]]) -> list[str]:
    """Below the table: what the finder adds, by whole pictures at their full size; nothing where nobody searched."""
    searched = [run for run in runs if run["options"]["search"] and run["options"]["num_poses"] == 0]
    if not searched:
        return []
    single, several = (
        searched[0].get(name, NO_IMAGES)["images"]["run"] for name in ("single_person", "several_people")
    )
    everyone = {_who(run): run for run in searched}
    alone = [run for run in runs if run["options"]["num_poses"] == 1 and run["options"] | WHOLE == run["options"]]
    rows = []
    for run in alone:
        found = everyone.get(_who(run), {})
        cells = run["model"]["name"], _looks_at(run["options"]), *map(_ap, (run, found, found, found), FOUND_SUBSETS)
        rows.append(f"| {' | '.join(cells)} |")
    return [
        "",
        f"| {' | '.join(FOUND_HEADS)} |",
        f"|---|---|{'--:|' * 4}",
        *rows,
        "",
        f"AP of openvino on the {single} pictures of one person, of the surest pose in each, then of all poses; of all "
        f"poses on the {several} pictures of several people, and on all pictures together.",
    ]


def _who(run: dict[str, Any]) -> tuple[str, str]:
    return run["model"]["name"], _looks_at(run["options"] | {"num_poses": 1})


def _ap(run: dict[str, Any], subset: str) -> str:
    return f"{run[subset]['stats']['AP']:.3f}" if subset in run else "–"


def _looks_at(options: dict[str, Any]) -> str:
    where = {"image": "the picture", "box": "the true box"}[options["protocol"]]
    if options["search"]:
        where += ", finder's boxes"
    if options["mirror"]:
        where += ", mirrored too"
    return where if options["num_poses"] else f"{where}: everyone"
