"""`posecore fetch`: files by name into the cache."""

from collections.abc import Sequence

from posecore.assets import ASSETS, fetch_all
from posecore.cli.messages import guarded
from posecore.cli.parser import Parser, did_you_mean
from posecore.cli.status import Status
from posecore.models import MODELS


def main(arguments: Sequence[str], prog: str) -> int:
    """Fetch; print the path of each file; return the exit status."""
    parser = Parser(
        prog,
        "NAME…",
        f"Download files into the cache, checked by SHA-256, and print their paths. Known are {', '.join(ASSETS)}.",
        "Repeated, it goes on where it broke off. The environment variable POSECORE_CACHE moves the cache.",
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=", ".join(ASSETS))
    names = parser.parse_args(arguments).names
    files = {name: name for name in ASSETS} | {model.name: model.asset for model in MODELS.values()}
    if unknown := next((name for name in names if name not in files), None):
        parser.error(f"{unknown}: unknown{did_you_mean(unknown, files) or '; known are ' + ', '.join(files)}")
    return guarded(
        prog, lambda: _fetch([files[name] for name in names]), "what has come is kept; run it again to go on"
    )


def _fetch(names: Sequence[str]) -> int:
    print(*fetch_all(names), sep="\n")
    return Status.DONE
