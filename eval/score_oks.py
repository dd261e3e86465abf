"""Score keypoint results against COCO annotations; README.md says what the numbers mean."""

import argparse
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import command
from command import Parser
from run_file import meta_path, write_json

from posecore.dataset import read_annotations, read_ids, read_json, read_results
from posecore.files import replacing
from posecore.report import make_report

TEN = (
    ("AP", "Average Precision", "0.50:0.95", "all"),
    ("AP50", "Average Precision", "0.50", "all"),
    ("AP75", "Average Precision", "0.75", "all"),
    ("AP_M", "Average Precision", "0.50:0.95", "medium"),
    ("AP_L", "Average Precision", "0.50:0.95", "large"),
    ("AR", "Average Recall", "0.50:0.95", "all"),
    ("AR50", "Average Recall", "0.50", "all"),
    ("AR75", "Average Recall", "0.75", "all"),
    ("AR_M", "Average Recall", "0.50:0.95", "medium"),
    ("AR_L", "Average Recall", "0.50:0.95", "large"),
)


def make_parser() -> Parser:
    """What to score."""
    parser = Parser(description=__doc__)
    parser.add_dataset(
        ids="image ids to score, one a line; default: those that R.meta.json says were run, else all of A.json",
        images=False,
    )
    parser.add_argument("--results", required=True, metavar="R.json", help="keypoint results in COCO's format")
    parser.add_argument("--report", metavar="REPORT.json", help="write all numbers as JSON")
    parser.add_argument("--html", metavar="REPORT.html", help="write them as one page with plots")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Score; the exit status is 2 when the input is wrong."""
    parser = make_parser()
    return command.run(score, parser.parse_args(arguments), parser.prog, "nothing was written")


def score(options: argparse.Namespace) -> None:
    """Read, score, print, and write the reports that are asked for."""
    dataset = read_annotations(options.annotations)
    results = read_results(options.results, dataset)
    run = read_run(options.results)
    ids = choose_ids(options, dataset, run)
    if ids is not None and (outside := sum(result["image_id"] not in ids for result in results)):
        print(f"score_oks.py: {outside} results on images that are not scored are left out", file=sys.stderr)
    report = make_report(dataset, results, ids)
    print_numbers(report.numbers)
    if options.report:
        write_json(options.report, {"run": run} | report.numbers)
    if options.html:
        from posecore.page import make_page

        with replacing(options.html) as temporary:
            temporary.write_text(make_page(report, title(options, run), run), encoding="utf-8")


def read_run(results: str) -> dict[str, Any] | None:
    """R.meta.json without the image ids' bulk being checked; None where there is none."""
    path = meta_path(results)
    if not path.exists():
        return None
    run = read_json(path)
    if not isinstance(run, dict) or not isinstance(run.get("image_ids"), list):
        raise ValueError(f"{path}: not the description of a run; delete it, or run predict_coco.py again")
    return run


def choose_ids(
    options: argparse.Namespace, dataset: Mapping[str, Any], run: Mapping[str, Any] | None
) -> Collection[int] | None:
    """The images to score, None for all; ValueError when some of them were never run."""
    ran = set(run["image_ids"]) if run else None
    if not options.ids:
        return ran
    ids = set(read_ids(options.ids, dataset))
    if ran is not None and (never := sorted(ids - ran)):
        raise ValueError(
            f"{options.ids}: {len(never)} of {len(ids)} images were never run, the first is {never[0]} (see "
            f"{meta_path(options.results)}); leave --ids out to score those that were, or run the others"
        )
    return ids


def print_numbers(numbers: Mapping[str, Any]) -> None:
    """All numbers of a report as text."""
    for name, kind, thresholds, size in TEN:
        label = f"{kind} @[ OKS={thresholds:<9} | area={size:>6} ]"
        print(f"{name:5} {label} = {_number(numbers['stats'][name])}")
    print(f"\n{'keypoint':15} {'labelled':>8} {'OKS':>6} {'(all)':>6} {'PCK':>6} {'(all)':>6}   median error x, y")
    for row in numbers["keypoints"]:
        measures = [row[name][of] for name in ("oks", "pck_0.2_torso") for of in ("paired", "all")]
        error = " ".join("     –" if value is None else f"{value:+6.3f}" for value in row["median_error"])
        print(f"{row['name']:15} {row['labelled']:8} {' '.join(f'{_number(m):>6}' for m in measures)}   {error}")
    print("of people with a pose; (all): the missed count as wrong; PCK at 0.2 torso; error in √area\n")
    people, images = numbers["people"], numbers["images"]
    print(f"people    {people['labelled']} labelled, {people['paired']} with a pose, {people['right']} with OKS ≥ 0.5")
    print(f"misses    {people['missed']} people without a pose")
    print(f"images    {images['run']} scored, {images['with_people_without_pose']} with people and no pose at all\n")
    print("√area of the person   people  missed     AP")
    for size in numbers["sizes"]:
        print(f"{size['size'] + ' px':21} {size['people']:6} {size['missed']:7} {_number(size['AP']):>6}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def title(options: argparse.Namespace, run: Mapping[str, Any] | None) -> str:
    """A heading for the page."""
    if run is None:
        return f"{Path(options.results).name} on COCO keypoints"
    settings = run.get("options", {})
    return f"BlazePose {run.get('model', {}).get('name')} on COCO keypoints, protocol {settings.get('protocol')}" + (
        f", max side {settings['max_side']}" if settings.get("max_side") else ""
    )


if __name__ == "__main__":
    sys.exit(main())
