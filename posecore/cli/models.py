"""`posecore models`: what there is, and how good and quick it is; and the devices that may run it."""

from collections.abc import Sequence
from typing import Any

from posecore.assets import ASSETS, cached
from posecore.cli.messages import guarded
from posecore.cli.parser import Parser
from posecore.cli.status import Status
from posecore.models import MODELS, Model, check_engine, devices, find_device, measured
from posecore.options import ENGINES

HEADS = f"{'name':18} {'finds':13} {'MB':>5}  {'licence':11} {'cached':7} {'AP':>5} {'missed':>7}"


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    text = "The models: size, licence, whether cached, and what was measured. Fetch one with posecore fetch NAME."
    parser = Parser(prog, "[--devices]", text)
    parser.add_argument("--devices", action="store_true", help="what --device may name on this machine (default: off)")
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Print the table; return the exit status."""
    given = make_parser(prog).parse_args(arguments)
    return guarded(prog, _print_devices if given.devices else _print, "run it again")


def _print_devices() -> int:
    check_engine(ENGINES[0])
    found = {**devices(), "AUTO": f"is {find_device('AUTO')}"}
    for name, meaning in found.items():
        print(f"{name:8} {meaning}")
    return Status.DONE


def _print() -> int:
    table = measured()
    print(HEADS + "".join(f"{'ms ' + engine:>14}" for engine in ENGINES))
    for model in MODELS.values():
        print(_row(model, table))
    print(f"AP and missed: {table['images']} pictures of one person of COCO val2017, {ENGINES[0]}.")
    print(f"ms: a picture, median, by {ENGINES[0]}; mediapipe uses one core. {_machines(table)}.")
    print("Networks of your own, of the RTMPose or ViTPose kind: --model-path FILE.onnx, see docs/networks.md.")
    return Status.DONE


def _machines(table: dict[str, Any]) -> str:
    """Which models were measured on which machine."""
    names: dict[str, list[str]] = {}
    for name, row in table["engines"][ENGINES[0]].items():
        names.setdefault(row["machine"], []).append(name)
    if len(names) == 1:
        return f"Machine: {next(iter(names))}"
    return "Machines: " + "; ".join(f"{machine} ({', '.join(models)})" for machine, models in names.items())


def _row(model: Model, table: dict[str, Any]) -> str:
    asset = ASSETS[model.asset]
    rows = [table["engines"][engine].get(model.name) for engine in ENGINES]
    first = rows[0]
    quality = f"{first['AP']:5.3f} {first['missed']:7}" if first else f"{'–':>5} {'–':>7}"
    times = "".join(f"{row['ms']:14.1f}" if row else f"{'–':>14}" for row in rows)
    return (
        f"{model.name:18} {model.family.keypoints:13} {asset.size / 1e6:5.1f}  {asset.licence:11} "
        f"{'yes' if cached(model.asset) else 'no':7} {quality}{times}"
    )
