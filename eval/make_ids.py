"""Write the list of single-person images: exactly one person annotation, no crowd, with a labelled keypoint."""

import argparse
import sys

from posecore.dataset import read_annotations, single_person_ids
from posecore.files import replacing


def main(arguments: list[str] | None = None) -> int:
    """Write the ids, sorted, one a line; the exit status is 2 when the input is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", required=True, metavar="A.json", help="COCO person keypoint annotations")
    parser.add_argument("--ids", required=True, metavar="FILE", help="file to write, such as data/single_person.txt")
    options = parser.parse_args(arguments)
    try:
        ids = single_person_ids(read_annotations(options.annotations))
        with replacing(options.ids) as temporary:
            temporary.write_text("".join(f"{image_id}\n" for image_id in ids), encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"make_ids: error: {error}", file=sys.stderr)
        return 2
    print(f"{len(ids)} image ids: {options.ids}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
