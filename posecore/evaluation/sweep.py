"""Settings compared on COCO pictures: every picture goes through all of them, so that all meet the same machine."""

import os
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from posecore.evaluation.dataset import people_by_image
from posecore.evaluation.latency import in_turn
from posecore.evaluation.protocol import Setting, coco_result, find_people, read_picture
from posecore.options import INSTANCE_SCORE
from posecore.pose import Person


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What a setting gave.

    poses: by image id, in the order of the pictures. milliseconds: (n,) wall time of each, from pixels to keypoints.
    """

    poses: dict[int, list[Person]]
    milliseconds: NDArray[np.float64]

    def surest(self) -> "SweepResult":
        """The surest person of each picture alone."""
        return replace(self, poses={image_id: poses[:1] for image_id, poses in self.poses.items()})

    def results(self, score_name: str = INSTANCE_SCORE) -> list[dict[str, Any]]:
        """The poses as COCO results; score_name: one of `posecore.evaluation.INSTANCE_SCORES`."""
        return [coco_result(image_id, pose, score_name) for image_id, poses in self.poses.items() for pose in poses]


def run_sweep(
    settings: Sequence[Setting],
    dataset: Mapping[str, Any],
    images: str | os.PathLike[str],
    image_ids: Collection[int],
) -> dict[Setting, SweepResult]:
    """Put pictures to every setting. The first picture is run once more before, as a warm-up.

    Which setting is first changes from picture to picture.

    dataset: COCO's annotations; images: the folder of its pictures; image_ids: those to run.

    Raises OSError or ValueError when a picture cannot be read, and what `open_estimator` raises.
    """
    pictures = {picture["id"]: picture for picture in dataset["images"]}
    people = people_by_image(dataset, image_ids)
    swept = {setting: SweepResult({}, np.zeros(len(image_ids))) for setting in settings}
    with ExitStack() as stack:
        estimators = {s: stack.enter_context(s.open()) for s in settings}
        for n, image_id in enumerate(tqdm(sorted(image_ids), unit="image", disable=None)):
            image = read_picture(images, pictures[image_id])
            order = in_turn(settings, n)
            for setting in (*(order if n == 0 else ()), *order):
                start = time.perf_counter()
                poses = find_people(estimators[setting], image, people[image_id], setting)
                swept[setting].milliseconds[n] = 1000 * (time.perf_counter() - start)
                swept[setting].poses[image_id] = poses
    return swept
