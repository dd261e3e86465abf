"""`posecore models`: what there is, and how good and quick it is."""

from collections.abc import Sequence

from posecore.assets import ASSETS, cached
from posecore.cli.messages import guarded
from posecore.cli.parser import Parser
from posecore.cli.status import Status
from posecore.models import MODELS, Model, measured
from posecore.options import ENGINES


def main(arguments: Sequence[str], prog: str) -> int:
    """Print the table; return the exit status."""
    Parser(prog, "", "The models: family, size, licence, whether cached, and what was measured.").parse_args(arguments)
    return guarded(prog, _print, "run it again")


def _print() -> int:
    table = measured()
    times = "".join(f"{'ms ' + engine:>14}" for engine in ENGINES)
    heads = f"{'name':7} {'family':10} {'finds':13} {'MB':>5}  {'licence':11} {'cached':7} {'AP':>5} {'missed':>7}"
    print(heads + times)
    for model in MODELS:
        print(_row(model, table))
    print(f"AP and missed: {table['images']} pictures of one person of COCO val2017, {ENGINES[0]}. ms: a picture,")
    print(f"median, on {table['machine']}, {table['cores']} cores, of which mediapipe uses one.")
    return Status.DONE


def _row(model: Model, table: dict) -> str:
    asset = ASSETS[model.name]
    found = table["engines"][ENGINES[0]][model.name]
    times = "".join(f"{table['engines'][engine][model.name]['ms']:14.1f}" for engine in ENGINES)
    return (
        f"{model.name:7} {model.family:10} {model.keypoints:13} {asset.size / 1e6:5.1f}  {asset.licence:11} "
        f"{'yes' if cached(model.name) else 'no':7} {found['AP']:5.3f} {found['missed']:7}{times}"
    )
