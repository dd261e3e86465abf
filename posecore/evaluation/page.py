"""The report as one HTML page: plots inside, nothing loaded from elsewhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from posecore.evaluation import plots
from posecore.evaluation.report import Report

STYLE = """
:root { color-scheme: light; --ink: #1f2937; --soft: #6b7280; --line: #e5e7eb; --blue: #2563eb; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f6f8; color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 36px 20px 60px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 16px; margin: 0 0 2px; }
p { margin: 0 0 10px; } .soft { color: var(--soft); font-size: 13px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; margin: 22px 0; }
.card, section { background: #fff; border: 1px solid var(--line); border-radius: 10px; }
.card { padding: 12px 16px; } .card b { display: block; font-size: 26px; line-height: 1.25; }
.card.main b { color: var(--blue); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 16px; }
section { padding: 16px 20px; min-width: 0; } section.wide { grid-column: 1 / -1; }
svg { display: block; width: 100%; height: auto; margin-top: 8px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child { text-align: left; padding-left: 0; }
td:last-child, th:last-child { padding-right: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 8px 0 0; font-size: 13.5px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
"""


def make_page(report: Report, title: str, run: Mapping[str, Any] | None = None) -> str:
    """The report as an HTML document.

    run: the content of R.meta.json, shown at the end.
    """
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class='soft'>{escape(_sentence(report.numbers))}</p>",
        _cards(report.numbers),
        "<div class='plots'>",
        _section(
            "Average precision and recall",
            "COCO's ten numbers by pycocotools. Medium: √area 32–96 px, large: above. – means nobody of that size.",
            _ap_table(report.numbers["stats"]) + _counts(report.numbers),
        ),
        _plot(
            report,
            plots.size_bars,
            "AP by size of the person",
            "Size is the square root of the annotated area, in pixels.",
        ),
        _plot(
            report,
            plots.oks_histogram,
            "How well people were found",
            "Every person with the pose that fits best. Right of the dashed line COCO counts a pose as right (AP50).",
        ),
        _plot(report, plots.precision_recall, "Precision and recall", "Area under a curve is its average precision."),
        _plot(report, plots.keypoint_bars, "OKS per keypoint", "Over the people for whom the keypoint is labelled."),
        _plot(
            report,
            plots.calibration,
            "Does the score know?",
            "Poses in ten bins of equal number, by score. A score on the dashed line says how right a pose is; "
            "average precision only asks that the lines rise.",
        ),
        _plot(
            report,
            plots.error_vectors,
            "Where keypoints land, seen from their labels",
            "A median off the centre is a difference of definition, a wide cloud is uncertainty.",
            wide=True,
        ),
        _section(
            "Keypoints in numbers",
            "Found: people with a pose. All: the missed count as wrong. PCK 0.2 torso: within a fifth of the distance "
            "from mid-shoulders to mid-hips; PCK 0.1 box: within a tenth of the box's longer side. "
            "Median error in √area, x to the right, y down.",
            _keypoint_table(report.numbers["keypoints"]),
            wide=True,
        ),
        _run(run) if run else "",
        "</div>",
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(parts)
        + "\n</main></body></html>\n"
    )


def _sentence(numbers: Mapping[str, Any]) -> str:
    people, images = numbers["people"], numbers["images"]
    return (
        f"{people['labelled']} people with labelled keypoints on {images['run']} images; {people['paired']} have a "
        f"pose, {people['right']} of them with OKS ≥ 0.5; {people['missed']} are missed. {people['poses']} poses count."
    )


def _cards(numbers: Mapping[str, Any]) -> str:
    people, stats = numbers["people"], numbers["stats"]
    found = f"{people['paired'] / people['labelled']:.0%}" if people["labelled"] else "–"
    cards = [
        ("main", _number(stats["AP"]), "AP"),
        ("", _number(stats["AP50"]), "AP50"),
        ("", _number(stats["AP75"]), "AP75"),
        ("", _number(stats["AR"]), "AR"),
        ("", _number(people["mean_oks"]), "mean OKS, missed = 0"),
        ("", found, "of people have a pose"),
    ]
    inside = "".join(f"<div class='card {kind}'><b>{value}</b>{label}</div>" for kind, value, label in cards)
    return f"<div class='cards'>{inside}</div>"


def _ap_table(stats: Mapping[str, float]) -> str:
    heads = ("", "mean", "OKS 0.5", "OKS 0.75", "medium", "large")
    rows = [
        ["AP", *(_number(stats[name]) for name in ("AP", "AP50", "AP75", "AP_M", "AP_L"))],
        ["AR", *(_number(stats[name]) for name in ("AR", "AR50", "AR75", "AR_M", "AR_L"))],
    ]
    return _table(heads, rows)


def _counts(numbers: Mapping[str, Any]) -> str:
    people, images = numbers["people"], numbers["images"]
    rows = [
        ["images scored", str(images["run"])],
        ["images with people and no pose at all", str(images["with_people_without_pose"])],
        ["people with labelled keypoints", str(people["labelled"])],
        ["… with a pose", str(people["paired"])],
        ["… with a pose of OKS ≥ 0.5", str(people["right"])],
        ["… without a pose", str(people["missed"])],
    ]
    return _table(("", ""), rows)


def _keypoint_table(keypoints: Iterable[Mapping[str, Any]]) -> str:
    heads = ("keypoint", "labelled", "found", "OKS found", "all", "PCK 0.2 torso found", "all", "PCK 0.1 box found",
             "all", "error x", "y")  # fmt: skip
    rows = []
    for row in keypoints:
        measures = [row[name][of] for name in ("oks", "pck_0.2_torso", "pck_0.1_box") for of in ("paired", "all")]
        error = ["–" if value is None else f"{value:+.3f}" for value in row["median_error"]]
        counts = [str(row["labelled"]), str(row["paired"])]
        rows.append([row["name"].replace("_", " "), *counts, *map(_number, measures), *error])
    return _table(heads, rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows)
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _number(value: float | None) -> str:
    """Three decimals; a dash for None and for COCO's −1, which mean that there was nothing to measure."""
    return "–" if value is None or value < 0 else f"{value:.3f}"


def _plot(report: Report, draw: Callable[[Report], str], title: str, note: str, wide: bool = False) -> str:
    return _section(title, note, draw(report), wide)


def _section(title: str, note: str, content: str, wide: bool = False) -> str:
    kind = " class='wide'" if wide else ""
    return f"<section{kind}><h2>{escape(title)}</h2><p class='soft'>{escape(note)}</p>{content}</section>"


def _run(run: Mapping[str, Any]) -> str:
    lines = "".join(
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(_words(value))}</dd>"
        for name, value in run.items()
        if name != "image_ids"
    )
    return f"<section class='wide'><h2>The run</h2><dl>{lines}</dl></section>"


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {part}" for name, part in value.items() if part is not None) or "–"
    return str(value)
