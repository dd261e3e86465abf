"""From a picture to the people in it: a pose model, with a finder and a tracker where they are wanted, then COCO."""

import os
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np

from posecore.coco import to_person
from posecore.coco_correction import CocoCorrection
from posecore.models import (
    BLAZEPOSE,
    PoseModel,
    check_engine,
    find_model,
    finder_file,
    model_file,
    open_finder,
    open_model,
    open_regions,
    open_search,
)
from posecore.options import DEFAULTS, device_of
from posecore.pose import Image, Landmarks, Person
from posecore.sizes import scaled_size


class TimedPicture(Protocol):
    """A frame of a video, as `posecore.video.Frame` is."""

    @property
    def timestamp_ms(self) -> int:
        """Presentation time since the first frame, in milliseconds."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        ...

    def small(self, max_side: int) -> Image:
        """The picture with max(height, width) ≤ max_side, (height, width, 3) uint8 RGB; 0 is off."""
        ...


class PoseEstimator:
    """A pose model and the mapping to COCO: call it with a frame or a picture, get everyone who was found.

    max_side: pictures are downscaled so that max(height, width) ≤ max_side before the model sees them; 0 is off.
        Keypoints are in pixels of the picture that was given.
    correction: moves the keypoints of BlazePose to where COCO has them.
    """

    def __init__(
        self, model: PoseModel, max_side: int = DEFAULTS.max_side, correction: CocoCorrection | None = None
    ) -> None:
        self.model = model
        self.max_side = max_side
        self.correction = correction

    def __call__(self, picture: TimedPicture | Image, timestamp_ms: int | None = None) -> list[Person]:
        """Everyone found in an upright picture.

        picture: a frame of a video, which shrinks itself in the decoder's own colours and knows its time: so does the
            command, and to its keypoints. Or (height, width, 3) uint8 RGB, shrunk by averaging.
        timestamp_ms: of a picture that is a frame, in "video" mode; see `PoseModel.detect`.
        """
        if isinstance(picture, np.ndarray):
            height, width = picture.shape[:2]
            small = downscale(picture, self.max_side)
        else:
            width, height = picture.size
            small = picture.small(self.max_side)
            timestamp_ms = picture.timestamp_ms
        factors = width / small.shape[1], height / small.shape[0]
        persons = [
            to_person(found, width, height) if isinstance(found, Landmarks) else found.scaled(*factors)
            for found in self.model.detect(small, timestamp_ms)
        ]
        return self.corrected(persons, width, height)

    def corrected(self, persons: list[Person], width: int, height: int) -> list[Person]:
        """The same people of a picture of width × height pixels, with the correction if there is one.

        Who is followed and only the finder sees has no landmarks, and nothing to correct.
        """
        if self.correction is None:
            return persons
        return [self.correction(person, width, height) if person.landmarks else person for person in persons]

    def close(self) -> None:
        """Free the model."""
        self.model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def downscale(image: Image, max_side: int) -> Image:
    """The picture with max(height, width) ≤ max_side, by averaging; as it is when that holds or max_side is 0."""
    height, width = image.shape[:2]
    size = scaled_size(width, height, max_side)
    if size == (width, height):
        return image
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def open_estimator(
    engine: str = DEFAULTS.engine,
    complexity: int = DEFAULTS.model_complexity,
    *,
    model: str | None = None,
    mode: str = "video",
    max_side: int = DEFAULTS.max_side,
    num_poses: int = 1,
    model_path: str | os.PathLike[str] | None = None,
    download: bool = True,
    device: str = DEFAULTS.device,
    delegate: str = DEFAULTS.delegate,
    threads: int | None = None,
    world: bool = False,
    search: bool = False,
    mirror: bool = False,
    keep_lost: float = DEFAULTS.keep_lost,
    finder_every: int = DEFAULTS.finder_every,
    coco_correction: bool = False,
) -> PoseEstimator:
    """Open a model as a PoseEstimator; use it in a `with` block.

    engine: "openvino", or "mediapipe": the same networks and rules by MediaPipe itself, in about twice the time.
    complexity: of BlazePose, 0 lite, 1 full, 2 heavy.
    model: the name of a model in `posecore.models.MODELS`, instead of `complexity`.
    model_path: its file, instead of the one that is fetched; or an ONNX file of another top-down network.
    mode: "video" tracks and smooths from frame to frame and wants timestamps, "image" treats every picture alone.
    num_poses: people to find at most, by openvino; 0 is everyone. In "video" mode each then has an id that stays, and
        is smoothed alone; in "image" mode everyone is only found with search.
    download: whether a model that is not cached may be downloaded.
    device: of OpenVINO, that computes the networks: "CPU", "GPU", "NPU", or "AUTO", a GPU where there is one.
    delegate: "gpu" is the older name of the device GPU.
    threads: cores of one call by openvino, None for all; mediapipe takes one.
    world: whether landmarks in metres are wanted too.
    search: whether a person finder helps the model, by openvino: in "video" mode where nobody is found, in "image" mode
        always.
    mirror: with search and MoveNet, whether every look is also taken in the mirror and the two are averaged.
    keep_lost: seconds that somebody who is not seen keeps the id. finder_every: frames from one look of the person
        finder to the next, where everyone is followed.
    coco_correction: whether BlazePose's keypoints are moved to where COCO has them, see `posecore.coco_correction`.

    Raises ValueError for an unknown engine or mode, an engine that is not installed, a device that is not there, or a
    file that is no pose model; FileNotFoundError and ConnectionError when the model cannot be had.
    """
    device = device_of(device, delegate)
    followed = mode == "video" and num_poses != 1
    check_engine(engine, "--people" if followed else "--search" if search else None)
    chosen = find_model(complexity, model, model_path, engine)
    if coco_correction and chosen.family is not BLAZEPOSE:
        raise ValueError(f"--coco-correction: is for BlazePose; leave it out with {chosen.name}")
    correction = CocoCorrection.read() if coco_correction else None
    needs_finder = search or followed or chosen.family.needs_finder
    path = model_file(chosen, model_path, download, needs_finder)
    finder = finder_file(download) if needs_finder else None
    opened: PoseModel
    if followed and finder:
        from posecore.tracking import Tracker  # with scipy, which takes a fifth of a second

        network = open_regions(chosen, path, device=device, threads=threads, world=world)
        opened = Tracker(network, open_finder(finder, threads, device, video=True), num_poses, keep_lost, finder_every)
    elif finder and mode == "image":
        opened = open_search(
            chosen,
            engine,
            path,
            finder,
            num_poses=num_poses,
            device=device,
            threads=threads,
            world=world,
            mirror=mirror,
        )
    else:
        opened = open_model(
            chosen,
            engine,
            path,
            mode=mode,
            num_poses=num_poses,
            device=device,
            threads=threads,
            world=world,
            finder=finder,
        )
    return PoseEstimator(opened, max_side, correction)
