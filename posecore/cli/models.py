"""`posecore models`: what there is, and how good and quick it is."""

from collections.abc import Sequence
from typing import Any

from posecore.assets import ASSETS, cached
from posecore.cli.messages import guarded
from posecore.cli.parser import Parser
from posecore.cli.status import Status
from posecore.models import MODELS, Model, measured
from posecore.options import ENGINES

HEADS = f"{'name':18} {'finds':13} {'MB':>5}  {'licence':11} {'cached':7} {'AP':>5} {'missed':>7}"


def main(arguments: Sequence[str], prog: str) -> int:
    """Print the table; return the exit status."""
    text = "The models: size, licence, whether cached, and what was measured. Fetch one with posecore fetch NAME."
    Parser(prog, "[--help]", text).parse_args(arguments)
    return guarded(prog, _print, "run it again")


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
