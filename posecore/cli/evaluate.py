"""`posecore evaluate`: predict, score and report in one command."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from posecore.cli.messages import guarded, say_kind
from posecore.cli.parser import Parser, add_engine, add_model, check_model, fraction, people, whole_number
from posecore.cli.status import Status
from posecore.options import BOX_PADDING, DEFAULTS, INSTANCE_SCORE, PROTOCOLS, Options


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
    group = parser.add_argument_group("model")
    add = group.add_argument
    add_model(group)
    add_engine(group)
    add("--max-side", type=whole_number(0), default=0, metavar="N", help="shrink pictures to N pixels (default: off)")
    add(
        "--people",
        dest="num_poses",
        type=people,
        default=1,
        metavar="N",
        help="to look for at most, or all (default: 1)",
    )
    add("--search", action="store_true", help="a person finder helps (default: off)")
    add("--mirror", action="store_true", help="MoveNet looks in the mirror too (default: off)")
    add("--coco-correction", action="store_true", help="BlazePose: COCO's places (default: off)")
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
    return guarded(prog, lambda: _evaluate(given, prog), "the same command goes on where it stopped")


def _evaluate(given: argparse.Namespace, prog: str) -> int:
    from posecore.assets import cached
    from posecore.evaluation import predict_dataset, score_results
    from posecore.pipeline import check_first_use

    out = Path(given.output_dir)
    results, how = out / "results.json", setting_of(given)
    setting = how["setting"]
    say_kind(prog, setting.chosen, given.model_path, 1 if given.workers > 1 else None)
    options = Options(
        engine=given.engine, model_complexity=setting.complexity, model=given.model, model_path=given.model_path,
        device=given.device,
    )  # fmt: skip
    check_first_use(options, cached("demo"))
    print(predict_dataset(given.annotations, given.images, results, **how), flush=True)
    score_results(given.annotations, results, report=out / "report.json", html=out / "report.html")
    return Status.DONE


def setting_of(given: argparse.Namespace) -> dict:
    """What `predict_dataset` is told, from the arguments of `add_setting` and --ids."""
    from posecore.evaluation import Setting

    check_model(given)
    setting = Setting(
        DEFAULTS.model_complexity if given.model_complexity is None else given.model_complexity,
        given.protocol,
        given.max_side,
        given.engine,
        given.num_poses,
        given.box_padding,
        given.model,
        given.search or given.num_poses == 0,
        given.mirror,
        given.model_path,
        given.coco_correction,
        given.device,
    )
    return {
        "setting": setting,
        "ids": given.ids,
        "limit": given.limit,
        "score_name": given.instance_score,
        "workers": given.workers,
    }
