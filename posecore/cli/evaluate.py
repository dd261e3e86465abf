"""`posecore evaluate`: predict, score and report in one command."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from posecore.cli.messages import guarded
from posecore.cli.parser import Parser, fraction, whole_number
from posecore.cli.status import Status
from posecore.options import BOX_PADDING, DEFAULTS, ENGINES, INSTANCE_SCORE, PROTOCOLS


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "--annotations A.json --images DIR [-o OUT] [options]",
        "Put COCO pictures to a model, score the keypoints by pycocotools' OKS, and write OUT/results.json, "
        ".meta.json, report.json and report.html.",
        "eval/README.md says what the protocols are and what the numbers may be compared with.",
    )
    add = parser.add_argument_group("files").add_argument
    add("--annotations", required=True, metavar="A.json", help="COCO person keypoint annotations")
    add("--images", required=True, metavar="DIR", help="folder of their pictures")
    add("--ids", metavar="FILE", help="image ids to run, one a line (default: all)")
    add("-o", "--output-dir", metavar="OUT", default="evaluation", help="folder to write (default: %(default)s)")
    add_setting(parser)
    return parser


def add_setting(parser: Parser) -> None:
    """The arguments that become a Setting, and those of a run over pictures."""
    add = parser.add_argument_group("model").add_argument
    add(
        "--model-complexity",
        type=int,
        choices=(0, 1, 2),
        metavar="N",
        default=DEFAULTS.model_complexity,
        help="0 lite, 1 full, 2 heavy (default: %(default)s)",
    )
    add("--engine", choices=ENGINES, default=DEFAULTS.engine, metavar="E", help=f"{' or '.join(ENGINES)}")
    add("--max-side", type=whole_number(0), default=0, metavar="N", help="shrink pictures to N pixels (default: off)")
    add("--num-poses", type=whole_number(1), default=1, metavar="N", help="people to look for (default: %(default)s)")
    add = parser.add_argument_group("protocol").add_argument
    add("--protocol", default=PROTOCOLS[0], metavar="P", help=f"{', '.join(PROTOCOLS)} (default: %(default)s)")
    add(
        "--box-padding",
        type=fraction,
        default=BOX_PADDING,
        metavar="P",
        help="box: 1 + P times as large (default: %(default)s)",
    )
    add(
        "--instance-score",
        default=INSTANCE_SCORE,
        metavar="NAME",
        help="what ranks poses (default: %(default)s)",
    )
    add("--limit", type=whole_number(1), metavar="N", help="only the first N pictures, by id (default: all)")
    add("--workers", type=whole_number(1), default=1, metavar="N", help="pictures at a time (default: %(default)s)")


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _evaluate(given), "the same command goes on where it stopped")


def _evaluate(given: argparse.Namespace) -> int:
    from posecore.evaluation import predict_dataset, score_results

    out = Path(given.output_dir)
    results = out / "results.json"
    print(predict_dataset(given.annotations, given.images, results, **setting_of(given)), flush=True)
    score_results(given.annotations, results, report=out / "report.json", html=out / "report.html")
    return Status.DONE


def setting_of(given: argparse.Namespace) -> dict:
    """What `predict_dataset` is told, from the arguments of `add_setting` and --ids."""
    from posecore.evaluation import Setting

    setting = Setting(
        given.model_complexity, given.protocol, given.max_side, given.engine, given.num_poses, given.box_padding
    )
    return {
        "setting": setting,
        "ids": given.ids,
        "limit": given.limit,
        "score_name": given.instance_score,
        "workers": given.workers,
    }
