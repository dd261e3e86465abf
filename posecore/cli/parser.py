"""What the subcommands' arguments have in common: how they are read, the options of a run, and what they become."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from posecore.cli.drawing import add_style, add_writing, drawing
from posecore.cli.status import Status
from posecore.cli.stretch import add_stretch, stretch
from posecore.options import DEFAULTS, DELEGATES, DEVICES, ENGINES, Options


class _Formatter(argparse.HelpFormatter):
    """Room for the longest option beside its help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and what was probably meant. usage: without "usage:" and the program's name."""

    def __init__(self, prog: str, usage: str, description: str, epilog: str | None = None) -> None:
        super().__init__(
            prog=prog,
            usage=f"{prog} {usage}",
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=_Formatter,
        )

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """An option that is misspelt is the first thing said."""
        args = sys.argv[1:] if args is None else args
        for argument in args:
            if argument == "--":
                break
            option = argument.partition("=")[0]
            if option.startswith("--") and option not in self._option_string_actions:
                self.error(f"no option {option}{did_you_mean(option, self._option_string_actions)}")
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Say it in one line, without the usage."""
        self.exit(Status.BAD_INPUT, f"{self.prog}: error: {' '.join(message.split())}\n")


def did_you_mean(word: str, known: Sequence[str] | dict[str, Any]) -> str:
    """A hint at the known word that is most like this one, or nothing."""
    near = get_close_matches(word, known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def check_word(word: str, known: Sequence[str], what: str) -> None:
    """Raise ValueError, with what was probably meant or all that is known, when a word is none of these."""
    if word not in known:
        raise ValueError(f"{word}: unknown {what}{did_you_mean(word, known) or '; known are ' + ', '.join(known)}")


def whole_number(least: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number, `least` or more."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"a whole number of at least {least} is wanted, got {text}")
        return value

    return convert


def people(text: str) -> int:
    """The type of --people: a whole number, or `all`, which is 0."""
    return 0 if text == "all" else whole_number(1)(text)


def fraction(text: str) -> float:
    """The type of an argument that is a finite number, 0 or more."""
    value = _finite(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"a number of at least 0 is wanted, got {text}")
    return value


def positive(text: str) -> float:
    """The type of an argument that is a finite number above 0."""
    value = _finite(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"a number above 0 is wanted, got {text}")
    return value


def _finite(text: str) -> float:
    """NaN where it is none."""
    try:
        return value if math.isfinite(value := float(text)) else math.nan
    except ValueError:
        return math.nan


def add_options(parser: Parser, live: bool = False) -> None:
    """The arguments that become Options. live: there is no stretch to choose, and nobody looks ahead."""
    model = parser.add_argument_group("model")
    add_model(model)
    add_no_download(model)
    add_engine(model)
    model.add_argument("--delegate", choices=DELEGATES, default=DEFAULTS.delegate, help=argparse.SUPPRESS)  # older
    model.add_argument("--search", action="store_true", help="look harder where nobody is found (default: off)")
    model.add_argument("--coco-correction", action="store_true", help="BlazePose: COCO's places (default: off)")
    model.add_argument(
        "--people", type=people, default=DEFAULTS.people, metavar="N", help="to follow at most, or all (default: 1)"
    )
    model.add_argument(
        "--keep-lost",
        type=fraction,
        default=DEFAULTS.keep_lost,
        metavar="S",
        help="seconds that who is lost keeps the id (default: %(default)s)",
    )
    add_max_side(model)
    add_threads(model)
    add_looks(parser, "hold the last" if live else "fill in the rest")
    if live:
        parser.set_defaults(start=None, end=None, duration=None, keep_time=False)
    else:
        part = add_stretch(parser)
        part.add_argument("--keep-time", action="store_true", help="JSON: times as in the source (default: off)")
    drawn = parser.add_argument_group("what is drawn")
    add_style(drawn)
    drawn.add_argument("--no-perf-text", action="store_true", help="no FPS and ms on the video (default: off)")
    written = parser.add_argument_group("what is written")
    written.add_argument("--landmarks", action="store_true", help="JSON: 33 landmarks and metres too (default: off)")
    add_writing(written)


def add_looks(parser: Parser, between: str) -> None:
    """How often the model looks. between: what is done with the other frames."""
    group = parser.add_argument_group("fewer looks")
    often = group.add_mutually_exclusive_group()
    often.add_argument(
        "--every",
        type=whole_number(1),
        default=DEFAULTS.every,
        metavar="N",
        help=f"look at every n-th, {between} (default: %(default)s)",
    )
    often.add_argument(
        "--max-rate", type=positive, metavar="HZ", help="look at so many a second, at most (default: all)"
    )
    group.add_argument("--sparse", action="store_true", help="JSON: only frames looked at (default: off)")


def add_max_side(group: argparse._ArgumentGroup) -> None:
    """--max-side, of whatever runs a model on videos."""
    group.add_argument(
        "--max-side",
        metavar="N",
        type=int,
        default=DEFAULTS.max_side,
        help="longer side at inference, 0 = all (default: %(default)s)",
    )


def add_threads(group: argparse._ArgumentGroup) -> None:
    """--threads, of whatever decodes a video."""
    group.add_argument("--threads", metavar="N", type=int, help="cores to use (default: all)")


def add_engine(group: argparse._ArgumentGroup) -> None:
    """--engine and --device, of whatever runs a model."""
    group.add_argument("--engine", choices=ENGINES, default=DEFAULTS.engine, metavar="E", help=_one_of(ENGINES))
    add_device(group, DEFAULTS.device)


def add_device(group: argparse._ArgumentGroup, default: str) -> None:
    """--device, of whatever runs a model by OpenVINO."""
    group.add_argument(
        "--device", type=_device, default=default, metavar="D", help="CPU, GPU, NPU, AUTO (default: %(default)s)"
    )


def _device(text: str) -> str:
    """The type of --device: one of DEVICES, in whatever case, or one of several such as GPU.1."""
    if text.upper().partition(".")[0] not in DEVICES:
        raise argparse.ArgumentTypeError(f"one of {', '.join(DEVICES)} is wanted, got {text}")
    return text.upper()


def add_no_download(group: argparse._ArgumentGroup) -> None:
    """--no-download-model, of whatever runs one model."""
    group.add_argument("--no-download-model", action="store_true", help="never download a model (default: off)")


def add_model(group: argparse._ArgumentGroup) -> None:
    """--model, --model-path, and --model-complexity, which is the older name of three models."""
    group.add_argument("--model", metavar="NAME", help="see posecore models (default: blazepose-full)")
    group.add_argument("--model-path", metavar="FILE", help="a model of your own, .onnx too (default: none)")
    group.add_argument(
        "--model-complexity",
        type=int,
        choices=(0, 1, 2),
        metavar="N",
        help=f"BlazePose 0 lite, 1 full, 2 heavy (default: {DEFAULTS.model_complexity})",
    )


def check_model(given: argparse.Namespace) -> None:
    """Raise ValueError when a model is named twice."""
    if given.model is not None and given.model_complexity is not None:
        raise ValueError(f"--model {given.model} and --model-complexity {given.model_complexity}: give one of them")


def _one_of(words: Sequence[str]) -> str:
    return f"{' or '.join(words)} (default: %(default)s)"


def make_options(given: argparse.Namespace) -> Options:
    """Options from the arguments of `add_options`."""
    check_model(given)
    start, end = stretch(given)
    return Options(
        engine=given.engine,
        model_complexity=DEFAULTS.model_complexity if given.model_complexity is None else given.model_complexity,
        model=given.model,
        model_path=given.model_path,
        download_model=not given.no_download_model,
        device=given.device,
        delegate=given.delegate,
        search=given.search,
        people=given.people,
        keep_lost=given.keep_lost,
        coco_correction=given.coco_correction,
        start=start,
        end=end,
        keep_time=given.keep_time,
        every=given.every,
        max_rate=given.max_rate,
        sparse=given.sparse,
        max_side=given.max_side,
        perf_text=not given.no_perf_text,
        landmarks=given.landmarks,
        threads=given.threads,
        **drawing(given),
    )
