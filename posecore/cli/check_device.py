"""`posecore check-device`: whether another device than the CPU gives what the CPU gives."""

import argparse
from collections.abc import Sequence

from posecore.cli.messages import guarded
from posecore.cli.parser import Parser, add_device, add_model, add_no_download, add_threads, check_model
from posecore.options import DEFAULTS, Options


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "[VIDEO] [--device D] [options]",
        "Put 20 crops of people to a model on a device and on the CPU, and say how far the keypoints lie apart and "
        "whether to trust the device: exit status 0 if so, else 1.",
        "posecore models --devices lists the devices of this machine.",
    )
    add = parser.add_argument
    add("video", metavar="VIDEO", nargs="?", help="a video or picture of people (default: the demo clip)")
    model = parser.add_argument_group("model")
    add_device(model, "AUTO")
    add_model(model)
    add_no_download(model)
    add_threads(model)
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, lambda: _check(given), "nothing was written")


def _check(given: argparse.Namespace) -> int:
    check_model(given)
    options = Options(
        engine="openvino",
        model_complexity=DEFAULTS.model_complexity if given.model_complexity is None else given.model_complexity,
        model=given.model,
        model_path=given.model_path,
        download_model=not given.no_download_model,
        device=given.device,
        threads=given.threads,
    )
    from posecore.assets import cached
    from posecore.models import check_engine
    from posecore.pipeline import check_device, pictures_of

    check_engine(options.engine)
    source = given.video or cached("demo")
    if source is None:
        raise ValueError("the demo clip is not cached; name a video or picture, or run 'posecore fetch demo' once")
    found = check_device(options, pictures_of(source))
    print(found)
    return 0 if found.trusted else 1
