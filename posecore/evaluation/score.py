"""Score the results in a file against the annotations in another, and write the reports."""

import json
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from posecore.evaluation.dataset import read_annotations, read_ids, read_json, read_results
from posecore.evaluation.report import make_report
from posecore.evaluation.run_files import meta_path, write_json
from posecore.files import replacing, writing

PathLike = str | os.PathLike[str]
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


def score_results(
    annotations: PathLike,
    results: PathLike,
    *,
    ids: PathLike | None = None,
    report: PathLike | None = None,
    html: PathLike | None = None,
) -> None:
    """Print all numbers of a file of COCO results, and write the reports that are asked for.

    ids: a file with the image ids to score, one a line; None are those that R.meta.json says were run, else all.
    report, html: files to write.

    Raises ValueError and OSError for what is wrong with a file.
    """
    dataset = read_annotations(annotations)
    poses = read_results(results, dataset)
    run = _read_run(results)
    chosen = _choose_ids(results, ids, dataset, run)
    made = make_report(dataset, poses, chosen)
    if not made.numbers["people"]["labelled"]:
        raise ValueError(
            f"{annotations}: nobody is labelled in the {made.numbers['images']['run']} images, there is nobody to find "
            f"and nothing to score; the poses are in {results}"
        )
    if chosen is not None and (outside := sum(pose["image_id"] not in chosen for pose in poses)):
        print(f"posecore: {outside} results on images that are not scored are left out", file=sys.stderr)
    _print_numbers(made.numbers)
    if report:
        write_json(report, {"run": run} | made.numbers)
    if html:
        from posecore.evaluation.page import make_page

        with replacing(html) as temporary, writing(html):
            temporary.write_text(make_page(made, _title(results, run), run), encoding="utf-8")


def _read_run(results: PathLike) -> dict[str, Any] | None:
    """R.meta.json; None where there is none."""
    path = meta_path(results)
    if not path.exists():
        return None
    run = read_json(path)
    if not isinstance(run, dict) or not _are_ids(run.get("image_ids")) or not _is_json(run):
        raise ValueError(f"{path}: not the description of a run; delete it, or predict again")
    return run


def _is_json(content: Any) -> bool:
    """Whether it can be written: Python reads NaN and infinities, which JSON has not."""
    try:
        json.dumps(content, allow_nan=False)
    except ValueError:
        return False
    return True


def _are_ids(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(image_id, str | int | float) for image_id in given)


def _choose_ids(
    results: PathLike, ids: PathLike | None, dataset: Mapping[str, Any], run: Mapping[str, Any] | None
) -> Collection[Any] | None:
    """The images to score, None for all; ValueError when some of them were never run."""
    ran = set(run["image_ids"]) if run else None
    if ran is not None and (other := ran - {image["id"] for image in dataset["images"]}):
        raise ValueError(f"{meta_path(results)}: image {other.pop()} is not in the annotations; give those of this run")
    if not ids:
        return ran
    chosen = set(read_ids(ids, dataset))
    if ran is not None and (never := sorted(chosen - ran)):
        raise ValueError(
            f"{ids}: {len(never)} of {len(chosen)} images were never run, the first is {never[0]} (see "
            f"{meta_path(results)}); leave --ids out to score those that were, or run the others"
        )
    return chosen


def _print_numbers(numbers: Mapping[str, Any]) -> None:
    """All numbers of a report as text."""
    for name, kind, thresholds, size in TEN:
        label = f"{kind} @[ OKS={thresholds:<9} | area={size:>6} ]"
        print(f"{name:5} {label} = {_number(numbers['stats'][name])}")
    if -1 in numbers["stats"].values():
        print("-1: there is nobody of that size")
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


def _title(results: PathLike, run: Mapping[str, Any] | None) -> str:
    """A heading for the page."""
    settings, model = ((run or {}).get(part) for part in ("options", "model"))
    if not isinstance(settings, dict) or not isinstance(model, dict):
        return f"{Path(results).name} on COCO keypoints"
    return f"BlazePose {model.get('name')} on COCO keypoints, protocol {settings.get('protocol')}" + (
        f", max side {settings['max_side']}" if settings.get("max_side") else ""
    )
