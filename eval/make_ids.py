"""Write the list of single-person images: exactly one person annotation, no crowd, with a labelled keypoint."""

import argparse
import sys

import command

from posecore.cli.parser import Parser
from posecore.evaluation import read_annotations, single_person_ids
from posecore.files import replacing, writing


def make_ids(options: argparse.Namespace) -> None:
    """Write the ids, sorted, one a line."""
    ids = single_person_ids(read_annotations(options.annotations))
    with replacing(options.ids) as temporary, writing(options.ids):
        temporary.write_text("".join(f"{image_id}\n" for image_id in ids), encoding="utf-8")
    print(f"{len(ids)} image ids: {options.ids}")


def main(arguments: list[str] | None = None) -> int:
    """Make the list; the exit status is 2 when the input is wrong."""
    parser = Parser("make_ids.py", "--annotations A.json --ids FILE", __doc__)
    command.add_dataset(parser, images=False)
    parser.add_argument("--ids", required=True, metavar="FILE", help="file to write, such as data/single_person.txt")
    return command.run(make_ids, parser, arguments, "nothing was written")


if __name__ == "__main__":
    sys.exit(main())
