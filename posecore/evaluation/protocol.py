"""How COCO pictures are put to a pose model: the whole picture, or the true box of every person."""

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from posecore import stderr
from posecore.coco import to_person
from posecore.estimator import PoseEstimator, downscale, open_estimator
from posecore.evaluation.instance_score import instance_score
from posecore.evaluation.oks import PERSON, labelled
from posecore.evaluation.run_files import short_name
from posecore.models import Model, Roi, find_model
from posecore.options import BOX_PADDING, DEFAULTS, INSTANCE_SCORE, PROTOCOLS
from posecore.pose import Image, Keypoints, Person


@dataclass(frozen=True)
class Setting:
    """A model, and how pictures are put to it.

    complexity: of BlazePose, 0 lite, 1 full, 2 heavy. name: of a model, instead. protocol: one of PROTOCOLS.
    max_side: 0 is off. num_poses: people to look for, 0 is all. search: whether the person finder helps.
    mirror: whether every look is also taken in the mirror. box_padding: protocol box: 1 + P times as large.
    path: of a file of the user's own, see `posecore.open_estimator`.
    coco_correction: whether BlazePose's keypoints are moved to where COCO has them.
    device: of OpenVINO, that computes the networks.

    Raises ValueError for an unknown protocol, and one that the engine cannot do.
    """

    complexity: int = DEFAULTS.model_complexity
    protocol: str = "image"
    max_side: int = 0
    engine: str = DEFAULTS.engine
    num_poses: int = 1
    box_padding: float = BOX_PADDING
    name: str | None = None
    search: bool = False
    mirror: bool = False
    path: str | os.PathLike[str] | None = None
    coco_correction: bool = False
    device: str = DEFAULTS.device

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"{self.protocol}: unknown protocol; known are {', '.join(PROTOCOLS)}")
        if self.protocol == "region" and self.engine != "openvino":
            raise ValueError("protocol region: mediapipe cannot be told where to look; use --engine openvino")
        if self.protocol != "image" and self.num_poses != 1:
            raise ValueError(
                f"protocol {self.protocol}: in a true box there is one person to find; leave --people out, or use "
                "--protocol image"
            )

    @property
    def chosen(self) -> Model:
        """The entry in the table of models."""
        return find_model(self.complexity, self.name, self.path, self.engine)

    @property
    def model(self) -> str:
        """lite, full or heavy of BlazePose, else the whole name; of a file of the user's own its name."""
        return short_name(self.chosen, self.path)

    def open(self, threads: int | None = None) -> PoseEstimator:
        """An estimator for single pictures. threads: of one call; None is all cores."""
        return open_estimator(
            self.engine,
            self.complexity,
            mode="image",
            max_side=self.max_side,
            model=self.name,
            model_path=self.path,
            num_poses=self.num_poses,
            search=self.search,
            mirror=self.mirror,
            coco_correction=self.coco_correction,
            device=self.device,
            threads=threads,
        )

    def __str__(self) -> str:
        flags = {"search": self.search, "mirror": self.mirror, "coco-correction": self.coco_correction}
        more = [str(self.max_side)] * bool(self.max_side) + [name for name, on in flags.items() if on]
        people = [] if self.num_poses == 1 else [f"people-{self.num_poses or 'all'}"]
        return "_".join((self.engine, self.model, self.protocol, *more, *people))


def read_picture(folder: str | os.PathLike[str], record: Mapping[str, Any]) -> Image:
    """A picture of a COCO data set, (height, width, 3) uint8 RGB, as stored: an orientation tag is not applied.

    record: its entry in `images`, with file_name, and width and height if the data set says them.

    Raises OSError when the file cannot be read, ValueError when it is no whole picture, or of another size.
    """
    path = Path(folder) / record["file_name"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror})") from error
    whole = path.suffix.lower() not in (".jpg", ".jpeg") or b"\xff\xd9" in content[-64:]  # JPEG's end marker
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    with stderr.closed():  # libpng and libjpeg print what is wrong
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content and whole else None
    if image is None:
        raise ValueError(f"{path}: not a picture, or cut off")
    width, height = record.get("width"), record.get("height")
    if width is not None and height is not None and image.shape[:2] != (height, width):
        size = f"{image.shape[1]}×{image.shape[0]}"
        raise ValueError(f"{path}: is {size}, the annotations say {width}×{height}")
    return image  # type: ignore[return-value]


def find_people(
    estimator: PoseEstimator, image: Image, people: Sequence[Mapping[str, Any]], setting: Setting
) -> list[Person]:
    """Everyone found in a picture, (height, width, 3) uint8 RGB, by the setting's protocol.

    people: the picture's annotations. "image" does not look at them; "box" and "region" look at the box of each one who
    counts (labelled keypoints, no crowd).
    """
    if setting.protocol == "image":
        return estimator(image)
    boxes = [person["bbox"] for person in people if labelled(person)]
    if setting.protocol == "region":
        return find_in_rois(estimator, image, boxes)
    return [found for box in boxes for found in find_in_box(estimator, image, box, setting.box_padding)]


def find_in_box(estimator: PoseEstimator, image: Image, box: Sequence[float], padding: float) -> list[Person]:
    """The people in the part of a picture that `padded_box` gives; keypoints in pixels of the whole picture.

    The landmarks stay normalised by that part.
    """
    left, top, right, bottom = padded_box(box, padding, image.shape[1], image.shape[0])
    corner = np.array([left, top], np.float32)
    return [_moved(person, corner) for person in estimator(np.ascontiguousarray(image[top:bottom, left:right]))]


def _moved(person: Person, by: np.ndarray) -> Person:
    keypoints = Keypoints(xy=person.keypoints.xy + by, score=person.keypoints.score)
    return dataclasses.replace(person, keypoints=keypoints, box=person.box + np.tile(by, 2))


def find_in_rois(estimator: PoseEstimator, image: Image, boxes: Sequence[Sequence[float]]) -> list[Person]:
    """The people in squares around boxes, without the detector; see `posecore.models.Roi.around_box`.

    Raises ValueError when the estimator's engine cannot be told where to look.
    """
    detect_in = getattr(estimator.model, "detect_in", None)
    if detect_in is None:
        raise ValueError(
            "the protocol region needs the engine openvino and BlazePose; others cannot be told where to look"
        )
    height, width = image.shape[:2]
    small = downscale(image, estimator.max_side)
    scale = small.shape[1] / width
    size = small.shape[1], small.shape[0]
    found = detect_in(small, [Roi.around_box([scale * value for value in box], size) for box in boxes])
    return estimator.corrected([to_person(landmarks, width, height) for landmarks in found], width, height)


def padded_box(box: Sequence[float], padding: float, width: int, height: int) -> tuple[int, int, int, int]:
    """A box made (1 + padding) times as wide and high about its centre, rounded outwards and cut at the picture.

    box: x, y, width, height in pixels; the picture is width × height pixels.
    Returns left, top, right, bottom in whole pixels, right and bottom exclusive, at least one pixel each way.
    """
    x, y, w, h = box
    left = min(max(math.floor(x - w * padding / 2), 0), width - 1)
    top = min(max(math.floor(y - h * padding / 2), 0), height - 1)
    right = min(max(math.ceil(x + w * (1 + padding / 2)), left + 1), width)
    bottom = min(max(math.ceil(y + h * (1 + padding / 2)), top + 1), height)
    return left, top, right, bottom


def coco_result(image_id: int, person: Person, score_name: str = INSTANCE_SCORE) -> dict[str, Any]:
    """A person as a COCO result: keypoints rounded to 1/100 pixel, third number the keypoint's score.

    score_name: one of `posecore.evaluation.INSTANCE_SCORES`; the default is the person's own score, and a person
        without landmarks has no other.
    """
    found = person.keypoints
    triples = [
        (round(float(x), 2), round(float(y), 2), round(float(score), 4))
        for (x, y), score in zip(found.xy, found.score, strict=True)
    ]
    score = person.score
    if person.landmarks is not None and score_name != INSTANCE_SCORE:
        score = instance_score(person.landmarks, score_name)
    return {
        "image_id": image_id,
        "category_id": PERSON,
        "keypoints": [value for triple in triples for value in triple],
        "score": round(score, 6),
    }
