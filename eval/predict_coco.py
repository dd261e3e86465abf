"""Run a pose model over COCO pictures and write the results in COCO's format; README.md describes the protocols."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import command

from posecore.batch import connected
from posecore.cli.evaluate import add_setting, setting_of
from posecore.cli.parser import Parser
from posecore.evaluation import Setting, predict_dataset, predictions

Record = dict[str, Any]
CHUNK = 50  # pictures of one Ray task, which opens the model anew


def predict(options: argparse.Namespace) -> None:
    """Find the people on every picture, here or on Ray."""
    how = predictions if options.ray is None else partial(on_ray, None if options.ray == "local" else options.ray)
    done = predict_dataset(options.annotations, options.images, options.results, **setting_of(options), predict=how)
    print(done)


def on_ray(
    address: str | None,
    pictures: Sequence[Record],
    people: Mapping[int, list[Record]],
    images: str,
    setting: Setting,
    score_name: str,
    workers: int,
):  # type: ignore[no-untyped-def]
    """`predictions` on a Ray cluster, CHUNK pictures a task; the folder must be where every node sees it."""

    def task(chunk: Sequence[Record], people: Mapping[int, list[Record]]) -> list[tuple[Record, Record | Exception]]:
        return list(predictions(chunk, people, folder, setting, score_name, workers))

    folder = str(Path(images).resolve())
    setting = replace(setting, path=setting.path and str(Path(setting.path).resolve()))
    with connected(address) as ray:
        remote = ray.remote(num_cpus=1)(task)
        chunks = [pictures[n : n + CHUNK] for n in range(0, len(pictures), CHUNK)]
        running = [remote.remote(chunk, {p["id"]: people[p["id"]] for p in chunk}) for chunk in chunks]
        while running:
            ready, running = ray.wait(running)
            for reference in ready:
                yield from ray.get(reference)


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit status is 2 when the input is wrong, 130 when interrupted."""
    parser = Parser("predict_coco.py", "--annotations A.json --images DIR --results R.json [options]", __doc__)
    command.add_dataset(parser, ids="image ids to run, one a line (default: all)")
    parser.add_argument("--results", required=True, metavar="R.json", help="file to write; R.meta.json beside it")
    parser.add_argument("--ray", metavar="ADDRESS", nargs="?", const="local", help="a Ray cluster; alone: one here")
    add_setting(parser)
    return command.run(predict, parser, arguments, "the same command goes on where it stopped")


if __name__ == "__main__":
    sys.exit(main())
