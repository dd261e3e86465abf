"""Fit posecore/coco_correction.json, and say what it gains: AP of poses that are corrected by a fit on other pictures.

Five folds of pictures; one correction for all sizes of BlazePose, fitted on everyone whom they find with --search.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import command

from posecore.cli.parser import Parser
from posecore.evaluation import (
    FOLDS,
    STRENGTH,
    Setting,
    SweepResult,
    cross_corrected,
    evaluate,
    fit_correction,
    pose_pairs,
    read_annotations,
    run_sweep,
    several_people_ids,
    single_person_ids,
    write_json,
)
from posecore.files import file_sha256

FITTED = Path(__file__).parent.parent / "posecore/coco_correction.json"
SIZES = (0, 1, 2)


def run(options: argparse.Namespace) -> None:
    """Find everyone, judge by cross-validation, fit on all, write the coefficients."""
    dataset = read_annotations(options.annotations)
    ids = [image["id"] for image in dataset["images"]]
    searched = [Setting(c, engine="openvino", search=True, num_poses=0) for c in SIZES]
    plain = [Setting(c, engine="openvino") for c in SIZES]
    swept = run_sweep([*searched, *plain], dataset, options.images, ids)
    pairs = pose_pairs(dataset, [swept[setting].poses for setting in searched])
    print_gains(dataset, swept, cross_corrected(dataset, {str(s): r.poses for s, r in swept.items()}, pairs))
    about = {
        "what": "moves of BlazePose's keypoints to COCO's; see posecore/coco_correction.py",
        "fitted_by": "eval/fit_correction.py",
        "annotations": {"name": Path(options.annotations).name, "sha256": file_sha256(options.annotations)},
        "images": len(ids),
        "poses": len(pairs.points),
        "ridge": STRENGTH,
    }
    write_json(options.out, about | fit_correction(pairs).to_json())
    print(f"fitted on {len(pairs.points)} poses in {len(ids)} images: {options.out}")


def print_gains(dataset: dict[str, Any], swept: dict[Setting, SweepResult], corrected: dict[str, Any]) -> None:
    """AP before and after, by setting."""
    several = several_people_ids(dataset)
    subsets = {
        "one person, one pose": (single_person_ids(dataset), True),
        "one person, all poses": (single_person_ids(dataset), False),
    } | ({"several people, all poses": (several, False)} if several else {})
    print(f"{'AP, then corrected':40}" + "".join(f"{name:>28}" for name in subsets))
    for setting, result in swept.items():
        after = SweepResult(corrected[str(setting)], result.milliseconds)
        cells = []
        for ids, alone in subsets.values():
            both = [run.surest() if alone else run for run in (result, after)]
            cells.append(" ".join(f"{evaluate(dataset, run.results(), ids).stats['AP']:.3f}" for run in both))
        print(f"{setting!s:40}" + "".join(f"{cell:>28}" for cell in cells))
    print(f"corrected by a fit on the other {FOLDS - 1} of {FOLDS} folds of pictures")


def main(arguments: list[str] | None = None) -> int:
    """Fit; the exit status is 2 when the input is wrong."""
    parser = Parser("fit_correction.py", "--annotations A.json --images DIR [options]", __doc__)
    command.add_dataset(parser)
    parser.add_argument("--out", type=Path, default=FITTED, metavar="FILE", help="default: that of the package")
    return command.run(run, parser, arguments, "nothing was written")


if __name__ == "__main__":
    sys.exit(main())
