"""A pose model over the pictures of a data set: results in COCO's format, and what was run."""

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from tqdm import tqdm

from posecore.cores import opencv_threads
from posecore.estimator import PoseEstimator
from posecore.evaluation.dataset import people_by_image, read_annotations, read_ids
from posecore.evaluation.latency import machine
from posecore.evaluation.oks import labelled, person_category
from posecore.evaluation.protocol import Setting, coco_result, find_people, read_picture
from posecore.evaluation.run_files import PartialRun, describe_model, meta_path, versions, write_json
from posecore.files import file_sha256, refuse_pipe, valid_text
from posecore.models import device_used
from posecore.options import INSTANCE_SCORE
from posecore.pose import Image

PathLike = str | os.PathLike[str]
Record = dict[str, Any]
Predictions = Iterator[tuple[Record, Record | Exception]]
# Pictures, the people of each by id, their folder, the setting, the instance score, workers
Predict = Callable[[Sequence[Record], Mapping[Any, list[Record]], PathLike, Setting, str, int], Predictions]


def predictions(
    pictures: Sequence[Record],
    people: Mapping[Any, list[Record]],
    images: PathLike,
    setting: Setting,
    score_name: str = INSTANCE_SCORE,
    workers: int = 1,
) -> Predictions:
    """Every picture with its record, or with the reason why it cannot be read; each worker has its own estimator.

    pictures: entries of the data set's `images`; people: its annotations by image id; images: the pictures' folder.
    A record has COCO `results`, and `ms`, the milliseconds from pixels to keypoints.
    """
    free: SimpleQueue[PoseEstimator] = SimpleQueue()
    waiting: deque[tuple[Record, Future[Record]]] = deque()

    def work(image: Image, image_id: Any) -> Record:
        estimator = free.get()
        try:
            start = time.perf_counter()
            found = find_people(estimator, image, people[image_id], setting)
            milliseconds = (time.perf_counter() - start) * 1000
        finally:
            free.put(estimator)
        results = [coco_result(image_id, person, score_name) for person in found]
        return {"results": results, "ms": round(milliseconds, 3)}

    threads = 1 if workers > 1 else None
    with ExitStack() as stack:
        stack.enter_context(opencv_threads(threads))
        for _ in range(workers):
            free.put(stack.enter_context(setting.open(threads)))
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        stack.callback(pool.shutdown, cancel_futures=True)
        for picture in pictures:
            try:
                image = read_picture(images, picture)
            except (OSError, ValueError) as error:
                yield picture, error
                continue
            waiting.append((picture, pool.submit(work, image, picture["id"])))
            if len(waiting) >= 2 * workers - 1:
                done, record = waiting.popleft()
                yield done, record.result()
        for done, record in waiting:
            yield done, record.result()


def predict_dataset(
    annotations: PathLike,
    images: PathLike,
    results: PathLike,
    setting: Setting,
    *,
    ids: PathLike | None = None,
    limit: int | None = None,
    score_name: str = INSTANCE_SCORE,
    workers: int = 1,
    predict: Predict = predictions,
) -> str:
    """Find the people on every picture that an interrupted run has not done, then write R.json and R.meta.json.

    annotations: COCO person keypoints. images: the folder of their pictures. results: R.json.
    ids: a file with the image ids to run, one a line; None is all. limit: only the first so many, by id.
    predict: how it is done; see `predictions`.

    Returns a line that says what was done. Raises ValueError and OSError for what is wrong with a file.
    """
    refuse_pipe(annotations)  # it is hashed too
    dataset = read_annotations(annotations, scored=False)
    pictures = _choose_pictures(dataset, annotations, images, ids)[:limit]
    people = people_by_image(dataset, [picture["id"] for picture in pictures])
    if setting.protocol != "image":
        _check_boxes(annotations, people)
    settings = describe(annotations, setting, score_name, workers)
    unreadable: dict[Any, str] = {}
    with PartialRun(results, settings) as done:
        resumed = sum(picture["id"] in done.records for picture in pictures)
        todo = [picture for picture in pictures if picture["id"] not in done.records]
        start = time.perf_counter()
        with tqdm(total=len(pictures), initial=resumed, desc=setting.model, unit="image", disable=None) as bar:
            for picture, record in predict(todo, people, images, setting, score_name, workers):
                if isinstance(record, Exception):
                    unreadable[picture["id"]] = valid_text(str(record))
                    with suppress(OSError):  # nobody reads it
                        tqdm.write(f"posecore: skipped: {record}", file=sys.stderr)
                else:
                    done.add(picture["id"], record)
                bar.update()
        seconds = time.perf_counter() - start
        records = {p["id"]: done.records[p["id"]] for p in pictures if p["id"] in done.records}
        if not records:
            raise ValueError(f"{images}: none of the {len(pictures)} pictures could be read; check --images")
        category = {"category_id": person_category(dataset)}
        found = [result | category for record in records.values() for result in record["results"]]
        write_json(results, found)
        write_json(meta_path(results), settings | _summary(records, unreadable, resumed))
        done.complete()
    rate = f"{len(todo) / seconds:.1f} images/s"  # the opening of the model included
    return f"{len(found)} poses on {len(records)} images, {len(unreadable)} unreadable, {rate}: {results}"


def _choose_pictures(
    dataset: Mapping[str, Any], annotations: PathLike, images: PathLike, ids: PathLike | None
) -> list[Record]:
    """The records of the images to run, by id; ValueError when there is no folder, no file name, or nothing to run."""
    if not Path(images).is_dir():
        raise ValueError(f"{images}: no such folder; give the pictures of the annotations as --images")
    pictures = {picture["id"]: picture for picture in dataset["images"]}
    chosen = read_ids(ids, dataset) if ids else sorted(pictures)
    if not chosen:
        raise ValueError(f"{annotations}: holds no images")
    for image_id in chosen:
        _check_name(annotations, images, pictures[image_id])
    return [pictures[image_id] for image_id in chosen]


def _check_name(annotations: PathLike, images: PathLike, picture: Record) -> None:
    """Raise ValueError when a picture has no name, or one that leads out of the folder."""
    name = picture.get("file_name")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{annotations}: image {picture['id']} has no file_name; add it, or score results of before")
    folder = os.path.abspath(images)
    if not Path(os.path.normpath(os.path.join(folder, name))).is_relative_to(folder):
        raise ValueError(f"{annotations}: image {picture['id']} is {name}, which is not in {images}; rename it")


def _check_boxes(annotations: PathLike, people: Mapping[Any, list[Record]]) -> None:
    """Raise ValueError when somebody to find has no box."""
    for image_id, persons in people.items():
        if any(labelled(person) and np.isnan(person["bbox"]).any() for person in persons):
            raise ValueError(f"{annotations}: somebody in image {image_id} has no bbox; use --protocol image")


def describe(annotations: PathLike, setting: Setting, score_name: str, workers: int) -> dict[str, Any]:
    """All that decides the result on a picture, and where it runs; runs that differ in it are never mixed."""
    device = device_used(setting.engine, setting.device)
    return {
        "annotations": {"name": valid_text(Path(annotations).name), "sha256": file_sha256(annotations)},
        "model": describe_model(setting.chosen, setting.search, setting.path),
        "engine": setting.engine,
        "options": {
            "protocol": setting.protocol,
            "box_padding": setting.box_padding if setting.protocol == "box" else None,
            "model_complexity": setting.complexity,
            "max_side": setting.max_side,
            "num_poses": setting.num_poses,
            "search": setting.search,
            "mirror": setting.mirror,
            "coco_correction": setting.coco_correction,
            **({"device": device} if device != "CPU" else {}),
            "instance_score": score_name,
            "workers": workers,
        },
        "versions": versions(setting.engine),
        "machine": machine(),
    }


def _summary(records: Mapping[Any, Record], unreadable: Mapping[Any, str], resumed: int) -> dict[str, Any]:
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
