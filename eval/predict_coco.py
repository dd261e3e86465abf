"""Run a pose model over COCO pictures and write the results in COCO's format; README.md describes the protocols."""

import argparse
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import command
import numpy as np
from command import Parser, fraction, whole_number
from run_file import PartialRun, describe_model, meta_path, versions, write_json
from tqdm import tqdm

from posecore.assets import file_sha256
from posecore.dataset import people_by_image, read_annotations, read_ids
from posecore.estimator import PoseEstimator, open_estimator
from posecore.instance_score import DEFAULT as DEFAULT_SCORE
from posecore.instance_score import INSTANCE_SCORES
from posecore.latency import machine
from posecore.options import DEFAULTS, ENGINES
from posecore.protocol import BOX_PADDING, PROTOCOLS, coco_result, find_people, read_picture

Record = dict[str, Any]
CHUNK = 50  # pictures of one Ray task, which opens the model anew


def make_parser() -> Parser:
    """The options of a run."""
    parser = Parser(description=__doc__)
    parser.add_dataset(ids="image ids to run, one a line; default: all of the annotations")
    add = parser.add_argument
    add("--results", required=True, metavar="R.json", help="file to write; R.meta.json comes beside it")
    add("--limit", type=whole_number(1), metavar="N", help="run only the first N of these, by id")
    add("--engine", choices=ENGINES, default=DEFAULTS.engine, help="default: %(default)s")
    add(
        "--model-complexity",
        type=int,
        choices=(0, 1, 2),
        default=DEFAULTS.model_complexity,
        help="0 lite, 1 full, 2 heavy; default: %(default)s",
    )
    add(
        "--max-side",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="downscale what the model sees; default: 0, off",
    )
    add("--num-poses", type=whole_number(1), default=1, metavar="N", help="people to look for; default: %(default)s")
    add("--protocol", choices=PROTOCOLS, default="image", help="where to look; default: %(default)s")
    add(
        "--box-padding",
        type=fraction,
        default=BOX_PADDING,
        metavar="P",
        help="protocol box: the box is made 1 + P times as large; default: %(default)s",
    )
    add(
        "--instance-score",
        choices=INSTANCE_SCORES,
        default=DEFAULT_SCORE,
        metavar="NAME",
        help=f"what the poses are ranked by: {', '.join(INSTANCE_SCORES)}; default: %(default)s",
    )
    add(
        "--workers",
        type=whole_number(1),
        default=1,
        metavar="N",
        help="pictures at the same time; with more than one the milliseconds include that they hinder one another; "
        "default: %(default)s",
    )
    add("--ray", metavar="ADDRESS", nargs="?", const="local", help="spread over a Ray cluster; alone: start one here")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit status is 2 when the input is wrong, 130 when interrupted."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.protocol != "image" and options.num_poses != 1:
        parser.error("--num-poses: in a true box there is one person to find; leave it out, or use --protocol image")
    if options.protocol == "region" and options.engine != "openvino":
        parser.error("--protocol region: mediapipe cannot be told where to look; use --engine openvino")
    return command.run(run, options, parser.prog, "the same command goes on where it stopped")


def run(options: argparse.Namespace) -> None:
    """Find the people on every picture that an earlier, interrupted run has not done, then write both files."""
    dataset = read_annotations(options.annotations)
    pictures = choose_pictures(dataset, options)
    people = people_by_image(dataset, [picture["id"] for picture in pictures])
    settings = describe(options)
    unreadable: dict[int, str] = {}
    with PartialRun(options.results, settings) as done:
        resumed = sum(picture["id"] in done.records for picture in pictures)
        todo = [picture for picture in pictures if picture["id"] not in done.records]
        start = time.perf_counter()
        with tqdm(
            total=len(pictures), initial=resumed, desc=settings["model"]["name"], unit="image", disable=None
        ) as bar:
            found = on_ray(todo, people, options) if options.ray else predictions(todo, people, options)
            for picture, record in found:
                if isinstance(record, Exception):
                    unreadable[picture["id"]] = str(record)
                    tqdm.write(f"predict_coco.py: skipped: {record}", file=sys.stderr)
                else:
                    done.add(picture["id"], record)
                bar.update()
        seconds = time.perf_counter() - start
        records = {p["id"]: done.records[p["id"]] for p in pictures if p["id"] in done.records}
        if not records:
            raise ValueError(f"{options.images}: none of the {len(pictures)} pictures could be read; check --images")
        results = [result for record in records.values() for result in record["results"]]
        write_json(options.results, results)
        write_json(meta_path(options.results), settings | summary(records, unreadable, resumed))
        done.complete()
    rate = f"{len(todo) / seconds:.1f} images/s"  # the opening of the model included
    print(f"{len(results)} poses on {len(records)} images, {len(unreadable)} unreadable, {rate}: {options.results}")


def choose_pictures(dataset: Mapping[str, Any], options: argparse.Namespace) -> list[dict[str, Any]]:
    """The records of the images to run, by id; ValueError when there is no folder or nothing to run."""
    if not Path(options.images).is_dir():
        raise ValueError(f"{options.images}: no such folder; give the pictures of the annotations as --images")
    pictures = {picture["id"]: picture for picture in dataset["images"]}
    ids = read_ids(options.ids, dataset) if options.ids else sorted(pictures)
    if not ids:
        raise ValueError(f"{options.annotations}: holds no images")
    return [pictures[image_id] for image_id in ids[: options.limit]]


def predictions(
    pictures: Sequence[Record], people: Mapping[int, list[Record]], options: argparse.Namespace
) -> Iterator[tuple[Record, Record | Exception]]:
    """Every picture with its record, or with the reason why it cannot be read; each worker has its own estimator."""
    free: SimpleQueue[PoseEstimator] = SimpleQueue()
    waiting: deque[tuple[Record, Future[Record]]] = deque()

    def work(image: np.ndarray, image_id: int) -> Record:
        estimator = free.get()
        try:
            return predict(estimator, image, image_id, people[image_id], options)
        finally:
            free.put(estimator)

    with ExitStack() as stack:
        for _ in range(options.workers):
            free.put(stack.enter_context(open_one(options)))
        pool = stack.enter_context(ThreadPoolExecutor(options.workers))
        stack.callback(pool.shutdown, cancel_futures=True)
        for picture in pictures:
            try:
                image = read_picture(options.images, picture)
            except (OSError, ValueError) as error:
                yield picture, error
                continue
            waiting.append((picture, pool.submit(work, image, picture["id"])))
            if len(waiting) >= 2 * options.workers - 1:
                done, record = waiting.popleft()
                yield done, record.result()
        for done, record in waiting:
            yield done, record.result()


def on_ray(
    pictures: Sequence[Record], people: Mapping[int, list[Record]], options: argparse.Namespace
) -> Iterator[tuple[Record, Record | Exception]]:
    """The same on a Ray cluster, CHUNK pictures a task; the pictures' folder must be where every node sees it."""
    from posecore.ray_cluster import connected

    def task(chunk: Sequence[Record], people: Mapping[int, list[Record]]) -> list[tuple[Record, Record | Exception]]:
        return list(predictions(chunk, people, options))

    options.images = str(Path(options.images).resolve())
    with connected(None if options.ray == "local" else options.ray) as ray:
        remote = ray.remote(num_cpus=1)(task)
        chunks = [pictures[n : n + CHUNK] for n in range(0, len(pictures), CHUNK)]
        running = [remote.remote(chunk, {p["id"]: people[p["id"]] for p in chunk}) for chunk in chunks]
        while running:
            ready, running = ray.wait(running)
            for reference in ready:
                yield from ray.get(reference)


def open_one(options: argparse.Namespace) -> PoseEstimator:
    """An estimator for single pictures; with several workers each takes one core."""
    return open_estimator(
        options.engine,
        options.model_complexity,
        mode="image",
        max_side=options.max_side,
        num_poses=options.num_poses,
        threads=1 if options.workers > 1 else None,
    )


def predict(
    estimator: PoseEstimator, image: np.ndarray, image_id: int, people: list[Record], options: argparse.Namespace
) -> Record:
    """The results on one picture, and the milliseconds from pixels to keypoints."""
    start = time.perf_counter()
    poses = find_people(estimator, image, people, options.protocol, options.box_padding)
    milliseconds = (time.perf_counter() - start) * 1000
    results = [coco_result(image_id, pose, options.instance_score) for pose in poses]
    return {"results": results, "ms": round(milliseconds, 3)}


def describe(options: argparse.Namespace) -> dict[str, Any]:
    """All that decides the result on a picture, and where it runs; runs that differ in it are never mixed."""
    boxed = options.protocol == "box"
    return {
        "annotations": {"name": Path(options.annotations).name, "sha256": file_sha256(options.annotations)},
        "model": describe_model(options.model_complexity),
        "engine": options.engine,
        "options": {
            "protocol": options.protocol,
            "box_padding": options.box_padding if boxed else None,
            "model_complexity": options.model_complexity,
            "max_side": options.max_side,
            "num_poses": options.num_poses,
            "instance_score": options.instance_score,
            "workers": options.workers,
        },
        "versions": versions(options.engine),
        "machine": machine(),
    }


def summary(records: Mapping[int, Mapping[str, Any]], unreadable: Mapping[int, str], resumed: int) -> dict[str, Any]:
    """What a run did: the images, and the milliseconds each took."""
    ms = np.array([record["ms"] for record in records.values()])
    return {
        "image_ids": list(records),
        "unreadable": {str(image_id): reason for image_id, reason in unreadable.items()},
        "resumed_images": resumed,
        "milliseconds_per_image": {
            "median": round(float(np.median(ms)), 2),
            "p95": round(float(np.percentile(ms, 95)), 2),
            "mean": round(float(ms.mean()), 2),
        },
    }


if __name__ == "__main__":
    sys.exit(main())
