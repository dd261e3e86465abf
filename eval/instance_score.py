"""Which number ranks poses best? AP of every instance score; README.md says what came out."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import command

from posecore.cli.parser import Parser
from posecore.evaluation import (
    Setting,
    compare,
    read_annotations,
    read_ids,
    run_sweep,
    score_poses,
    single_person_ids,
    write_json,
)


def print_table(table: dict[str, Any], models: Sequence[str]) -> None:
    """The comparison as text, best of the choosing half first."""
    images = table["images"]
    print(f"{'':22} choose ({images['choose']} images){'':{8 * len(models) - 9}} report ({images['report']} images)")
    heads = "".join(f"{model:>8}" for model in (*models, "mean"))
    print(f"{'instance score':20}{heads}  behind best ± se  {heads}  behind best ± se")
    for name in sorted(table["choose"], key=lambda name: -table["choose"][name]["mean"]):
        cells = ""
        for half in ("choose", "report"):
            row = table[half][name]
            cells += "".join(f"{row['AP'][model]:8.3f}" for model in models) + f"{row['mean']:8.3f}"
            cells += f"   {row['behind_best']:+.4f} ± {row['standard_error']:.4f}  "
        print(f"{name:20}{cells}")
    print(f"best of the choosing half: {table['best']}; simplest within one standard error: {table['chosen']}")


def run(options: argparse.Namespace) -> None:
    """Run the models once, compare the scores, print the table."""
    dataset = read_annotations(options.annotations)
    single = single_person_ids(dataset)
    ids = read_ids(options.ids, dataset) if options.ids else single
    if more := sorted(set(ids) - set(single)):
        raise ValueError(f"{options.ids}: image {more[0]} is not of exactly one labelled person; see make_ids.py")
    if any(isinstance(image_id, str) for image_id in ids):
        raise ValueError(f"{options.annotations}: image ids are text; numbers are wanted, the even ones choose")
    settings = [Setting(complexity) for complexity in options.model_complexity]
    swept = run_sweep(settings, dataset, options.images, ids)
    table = compare({setting.model: score_poses(dataset, result.poses) for setting, result in swept.items()})
    print_table(table, [setting.model for setting in settings])
    if options.table:
        write_json(options.table, table)


def main(arguments: list[str] | None = None) -> int:
    """Compare; the exit status is 2 when the input is wrong."""
    parser = Parser("instance_score.py", "--annotations A.json --images DIR [options]", __doc__)
    command.add_dataset(parser, ids="pictures of one person; default: all such of the annotations")
    parser.add_argument("--model-complexity", type=int, choices=(0, 1, 2), nargs="+", default=[0, 1, 2])
    parser.add_argument("--table", metavar="T.json", help="write the table as JSON")
    return command.run(run, parser, arguments, "nothing was written")


if __name__ == "__main__":
    sys.exit(main())
