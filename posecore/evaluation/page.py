"""The report as one HTML page: plots inside, nothing loaded from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from posecore.evaluation import plots
from posecore.evaluation.report import Report
from posecore.page import render_page


class Plot(NamedTuple):
    """A drawing with its heading and what to know of it; wide: over all columns."""

    title: str
    note: str
    svg: str
    wide: bool = False


def make_page(report: Report, title: str, run: Mapping[str, Any] | None = None) -> str:
    """The report as an HTML document.

    run: the content of R.meta.json, shown at the end.
    """
    numbers = report.numbers
    shown = {name.replace("_", " "): _words(value) for name, value in (run or {}).items() if name != "image_ids"}
    return render_page(
        Path(__file__).parent,
        "report.html",
        title=title,
        people=numbers["people"],
        images=numbers["images"],
        figures=_figures(numbers),
        stats=_stats(numbers["stats"]),
        plots=list(_plots(report)),
        keypoints=list(_keypoints(numbers["keypoints"])),
        run=shown,
    )


def _plots(report: Report) -> Iterator[Plot]:
    yield Plot(
        "AP by size of the person",
        "Size is the square root of the annotated area, in pixels.",
        plots.size_bars(report),
    )
    yield Plot(
        "How well people were found",
        "Every person with the pose that fits best. Right of the dashed line COCO counts a pose as right (AP50).",
        plots.oks_histogram(report),
    )
    yield Plot("Precision and recall", "Area under a curve is its average precision.", plots.precision_recall(report))
    yield Plot("OKS per keypoint", "Over the people for whom the keypoint is labelled.", plots.keypoint_bars(report))
    yield Plot(
        "Does the score know?",
        "Poses in ten bins of equal number, by score. A score on the dashed line says how right a pose is; "
        "average precision only asks that the lines rise.",
        plots.calibration(report),
    )
    yield Plot(
        "Where keypoints land, seen from their labels",
        "A median off the centre is a difference of definition, a wide cloud is uncertainty.",
        plots.error_vectors(report),
        wide=True,
    )


def _figures(numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    people, stats = numbers["people"], numbers["stats"]
    found = f"{people['paired'] / people['labelled']:.0%}" if people["labelled"] else "–"
    return [
        *((_number(stats[name]), name) for name in ("AP", "AP50", "AP75", "AR")),
        (_number(people["mean_oks"]), "mean OKS, missed = 0"),
        (found, "of people have a pose"),
    ]


def _stats(stats: Mapping[str, float]) -> list[list[str]]:
    return [
        ["AP", *(_number(stats[name]) for name in ("AP", "AP50", "AP75", "AP_M", "AP_L"))],
        ["AR", *(_number(stats[name]) for name in ("AR", "AR50", "AR75", "AR_M", "AR_L"))],
    ]


def _keypoints(keypoints: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    for row in keypoints:
        measures = [row[name][of] for name in ("oks", "pck_0.2_torso", "pck_0.1_box") for of in ("paired", "all")]
        error = ["–" if value is None else f"{value:+.3f}" for value in row["median_error"]]
        counts = [str(row["labelled"]), str(row["paired"])]
        yield [row["name"].replace("_", " "), *counts, *map(_number, measures), *error]


def _number(value: float | None) -> str:
    """Three decimals; a dash for None and for COCO's −1, which mean that there was nothing to measure."""
    return "–" if value is None or value < 0 else f"{value:.3f}"


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {part}" for name, part in value.items() if part is not None) or "–"
    return str(value)
