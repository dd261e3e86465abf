"""Every setting of the table in docs/results.md on COCO pictures, scored; writes eval/results and the tables.

All settings see a picture one after the other, so their times are comparable; nothing else should run meanwhile.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import command
import numpy as np
from results_table import MARKS, measured, table
from tqdm import tqdm

from posecore.cli.parser import Parser
from posecore.evaluation import (
    Setting,
    SweepResult,
    around_table,
    describe_model,
    machine,
    make_report,
    read_annotations,
    replace_table,
    run_sweep,
    several_people_ids,
    single_person_ids,
    versions,
    write_json,
)
from posecore.files import replacing
from posecore.models import MODELS
from posecore.options import ENGINES

ROOT = Path(__file__).parent.parent
KEPT = ("stats", "people", "images", "sizes", "keypoints", "calibration")  # of a report
MAX_SIDES = (640, 384, 256, 192)


def settings_of(engine: str) -> list[Setting]:
    """Three models by two protocols, then the full model on smaller pictures."""
    models = [Setting(c, protocol, engine=engine) for protocol in ("image", "box") for c in (0, 1, 2)]
    smaller = [Setting(1, max_side=side, engine=engine) for side in MAX_SIDES]
    return models + smaller + (searching() if engine == "openvino" else [])


def searching() -> list[Setting]:
    """MoveNet; everyone by every model with the person finder; and by MoveNet that looks in the mirror too."""
    movenet = [name for name in MODELS if name.startswith("movenet")]
    found = [Setting(name=name, search=True, num_poses=0) for name in MODELS]
    return [
        *(Setting(name=name) for name in movenet),
        *found,
        *(replace(s, mirror=True) for s in found if s.name in movenet),
    ]


def run(options: argparse.Namespace) -> None:
    """Run, score, write a file for each setting, the lists of images, and the table."""
    dataset = read_annotations(options.annotations)
    every = sorted(image["id"] for image in dataset["images"])
    subsets = {"single_person": single_person_ids(dataset), "several_people": several_people_ids(dataset), "all": every}
    if not subsets["single_person"]:
        raise ValueError(f"{options.annotations}: holds no image of one person with a labelled keypoint")
    subsets = {name: ids for name, ids in subsets.items() if ids}
    if options.text:
        around_table(options.text, MARKS)  # before minutes are spent
    settings = [setting for engine in options.engine for setting in settings_of(engine)]
    settings = [s for s in settings if not options.only or any(word in str(s) for word in options.only)]
    swept = run_sweep(settings, dataset, options.images, every)
    alone = {replace(s, num_poses=1): result.surest() for s, result in swept.items() if s.num_poses == 0}
    for setting, result in tqdm((swept | alone).items(), desc="scoring", disable=None):
        write_json(options.out / f"{setting}.json", measure(setting, result, dataset, subsets))
    for name, ids in subsets.items():
        with replacing(options.out / f"{name}.txt") as temporary:
            temporary.write_text("".join(f"{image_id}\n" for image_id in ids), encoding="utf-8")
    text = table(options.out)
    print(text)
    if options.text:
        replace_table(options.text, text, MARKS)
    if options.models:
        write_json(options.models, measured(options.out))


def measure(
    setting: Setting, result: SweepResult, dataset: Mapping[str, Any], subsets: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """What a setting gave, on each subset of the images; which images is in the lists beside it."""
    results = result.results()
    measured: dict[str, Any] = {
        "options": {
            "protocol": setting.protocol,
            "max_side": setting.max_side,
            "engine": setting.engine,
            "search": setting.search,
            "num_poses": setting.num_poses,
            "mirror": setting.mirror,
        },
        "model": describe_model(setting.chosen),
        "versions": versions(setting.engine),
        "machine": machine(),
    }
    for name, ids in subsets.items():
        numbers = make_report(dataset, results, ids).numbers
        ms = result.milliseconds[np.isin(list(result.poses), ids)]
        median, p95 = np.percentile(ms, (50, 95)).round(2).tolist()
        measured[name] = {kept: _short(numbers[kept]) for kept in KEPT}
        measured[name]["milliseconds"] = {"median": median, "p95": p95}
    return measured


def _short(numbers: Any) -> Any:
    """The same with numbers of five decimals."""
    return json.loads(json.dumps(numbers), parse_float=lambda text: round(float(text), 5))


def main(arguments: list[str] | None = None) -> int:
    """Run all; the exit status is 2 when the input is wrong."""
    parser = Parser("run_all.py", "--annotations A.json --images DIR [options]", __doc__)
    command.add_dataset(parser)
    add = parser.add_argument
    add("--engine", choices=ENGINES, nargs="+", default=list(ENGINES), help="default: all")
    add("--out", type=Path, default=ROOT / "eval/results", metavar="DIR", help="default: eval/results")
    add("--only", nargs="+", metavar="WORD", help="settings with such a word in their name; default: all")
    add("--text", type=Path, metavar="FILE", help="the text whose table is replaced; default: none")
    add("--models", type=Path, metavar="FILE", help="the table of `posecore models`; default: none")
    return command.run(run, parser, arguments, "run it again from the start")


if __name__ == "__main__":
    sys.exit(main())
