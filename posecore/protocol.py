"""How COCO pictures are put to a pose model: the whole picture, or the true box of every person."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from posecore.coco import to_coco
from posecore.estimator import Image, PoseEstimator, downscale
from posecore.instance_score import DEFAULT, instance_score
from posecore.oks import PERSON, labelled
from posecore.pose import Keypoints, Landmarks

PROTOCOLS = ("image", "box", "region")
BOX_PADDING = 0.25  # of the box's size, half of it on each side, as top-down papers scale boxes by 1.25
Pose = tuple[Landmarks, Keypoints]


def read_picture(folder: str | os.PathLike[str], record: Mapping[str, Any]) -> Image:
    """A picture of a COCO data set, (height, width, 3) uint8 RGB, as stored: an orientation tag is not applied.

    record: its entry in `images`, with file_name, width and height.

    Raises OSError when the file cannot be read, ValueError when it is no whole picture of the size that is written in
    the record.
    """
    path = Path(folder) / record["file_name"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror})") from error
    whole = path.suffix.lower() not in (".jpg", ".jpeg") or b"\xff\xd9" in content[-64:]  # JPEG's end marker
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content and whole else None
    if image is None:
        raise ValueError(f"{path}: not a picture, or cut off")
    if image.shape[:2] != (record["height"], record["width"]):
        size = f"{image.shape[1]}×{image.shape[0]}"
        raise ValueError(f"{path}: is {size}, the annotations say {record['width']}×{record['height']}")
    return image  # type: ignore[return-value]


def find_in_image(estimator: PoseEstimator, image: Image) -> list[Pose]:
    """The poses in a picture, (height, width, 3) uint8 RGB; keypoints in its pixels, landmarks normalised by it."""
    height, width = image.shape[:2]
    people = estimator.landmarker.detect(downscale(image, estimator.max_side))
    return [(landmarks, to_coco(landmarks, width, height)) for landmarks in people]


def find_in_box(estimator: PoseEstimator, image: Image, box: Sequence[float], padding: float) -> list[Pose]:
    """The poses in the part of a picture that `padded_box` gives; keypoints in pixels of the whole picture.

    The landmarks stay normalised by that part.
    """
    left, top, right, bottom = padded_box(box, padding, image.shape[1], image.shape[0])
    poses = find_in_image(estimator, np.ascontiguousarray(image[top:bottom, left:right]))
    corner = np.array([left, top], np.float32)
    return [(landmarks, Keypoints(xy=found.xy + corner, score=found.score)) for landmarks, found in poses]


def find_in_regions(estimator: PoseEstimator, image: Image, boxes: Sequence[Sequence[float]]) -> list[Pose]:
    """The poses in squares around boxes, without the detector; see `posecore.blazepose.region.Region.around_box`.

    Raises ValueError when the estimator's engine cannot be told where to look.
    """
    detect_in = getattr(estimator.landmarker, "detect_in", None)
    if detect_in is None:
        raise ValueError("the protocol region needs the engine openvino: mediapipe cannot be told where to look")
    from posecore.blazepose import Region

    height, width = image.shape[:2]
    small = downscale(image, estimator.max_side)
    scale = small.shape[1] / width
    size = small.shape[1], small.shape[0]
    people = detect_in(small, [Region.around_box([scale * value for value in box], size) for box in boxes])
    return [(landmarks, to_coco(landmarks, width, height)) for landmarks in people]


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


def find_people(
    estimator: PoseEstimator,
    image: Image,
    people: Sequence[Mapping[str, Any]],
    protocol: str = "image",
    padding: float = BOX_PADDING,
) -> list[Pose]:
    """The poses in a picture by one of PROTOCOLS.

    people: the picture's annotations. "image" does not look at them; "box" and "region" look at the box of each one who
    counts (labelled keypoints, no crowd).

    Raises ValueError for an unknown protocol, or one that the engine cannot do.
    """
    if protocol == "image":
        return find_in_image(estimator, image)
    boxes = [person["bbox"] for person in people if labelled(person)]
    if protocol == "region":
        return find_in_regions(estimator, image, boxes)
    if protocol == "box":
        return [pose for box in boxes for pose in find_in_box(estimator, image, box, padding)]
    raise ValueError(f"{protocol}: unknown protocol; known are {', '.join(PROTOCOLS)}")


def coco_result(image_id: int, pose: Pose, score_name: str = DEFAULT) -> dict[str, Any]:
    """A pose as a COCO result: keypoints rounded to 1/100 pixel, third number the keypoint's score.

    score_name: one of `posecore.instance_score.INSTANCE_SCORES`.
    """
    landmarks, found = pose
    triples = [
        (round(float(x), 2), round(float(y), 2), round(float(score), 4))
        for (x, y), score in zip(found.xy, found.score, strict=True)
    ]
    return {
        "image_id": image_id,
        "category_id": PERSON,
        "keypoints": [value for triple in triples for value in triple],
        "score": round(instance_score(landmarks, score_name), 6),
    }
