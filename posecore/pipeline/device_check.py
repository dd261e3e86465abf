"""Whether another device than the CPU gives what the CPU gives: the same crops of people on both.

Both look at the same pixels, where the CPU has found the person; and the device also looks for the person itself, by
the detector of a model that has one. The order in which a device adds up moves keypoints by some millionths of a crop,
16 bits (bf16) by a thousandth and more; see `posecore check-device` in docs/command.md.
"""

import dataclasses
import json
import math
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import cv2
import numpy as np

from posecore import stderr
from posecore.cores import available_cores
from posecore.errors import Note
from posecore.files import replacing
from posecore.look import PoseNetwork
from posecore.models import check_file, device_used, devices, fetch_model, find_device, open_regions
from posecore.options import DEFAULTS, Options
from posecore.pipeline.opening import estimator_of
from posecore.pose import Floats, Image, Keypoints
from posecore.video import VideoReader

CROPS = 20
LOOKS, EVERY = 60, 5  # frames of a video in which people are sought: so many, one of so many
PICTURES = frozenset((".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"))
MARGIN = 0.25  # of the person's box, half of it on each side
MEDIAN, MOST, ALONE = 0.0001, 0.005, 0.01  # what is trusted, in longer sides of the crop


@dataclass(frozen=True)
class DeviceCheck:
    """How far a device is from the CPU, in longer sides of the crop.

    device, name: of OpenVINO, short and in full. model: the name of its file.
    keypoints: that were compared, those of which the CPU is sure (a score of 0.2).
    median, most: their distances from the CPU's, where both look at the same pixels.
    alone: the largest distance of a crop, the median of its keypoints, where the device looks for the person itself;
        infinite where it finds nobody.
    """

    device: str
    name: str
    model: str
    keypoints: int
    median: float
    most: float
    alone: float

    @property
    def trusted(self) -> bool:
        """Whether every figure is within its bound."""
        return self.median <= MEDIAN and self.most <= MOST and self.alone <= ALONE

    def __str__(self) -> str:
        verdict = "to be trusted" if self.trusted else "NOT to be trusted, use --device CPU"
        return (
            f"{self.device} ({self.name}) with {self.model}: {self.keypoints} keypoints on {CROPS} crops lie "
            f"{self.median:.6f} of the crop beside the CPU's in the median and {self.most:.6f} at most, and "
            f"{self.alone:.6f} where it looks for the person itself: {verdict} "
            f"(the bounds are {MEDIAN:g}, {MOST:g} and {ALONE:g})"
        )


def check_device(options: Options, pictures: Iterable[Image]) -> DeviceCheck:
    """Compare the device of the options with the CPU, and keep what came of it.

    pictures: upright, (height, width, 3) uint8 RGB; as many are taken as it needs to find CROPS people.

    Raises ValueError when there is no such device or nobody in the pictures, and what `fetch_model` raises.
    """
    device = find_device(options.device)
    model, file = fetch_model(options)
    crops = _crops(options, file, pictures)
    threads = options.threads or available_cores()
    with (
        closing(open_regions(model, file, threads=threads)) as cpu,
        closing(open_regions(model, file, device=device, threads=threads)) as other,
    ):
        compared = [pair for crop in crops if (pair := _compare(cpu, other, crop))]
    apart = np.concatenate([[], *(distances for distances, _ in compared)])
    if not len(apart):
        raise ValueError(f"{file.name} is sure of no keypoint there; give a video or picture that shows people well")
    figures = float(np.median(apart)), float(apart.max()), max(alone for _, alone in compared)
    found = DeviceCheck(device, devices().get(device, device), file.name, len(apart), *figures)
    if device != "CPU":
        with suppress(OSError), replacing(check_file(device, file)) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(found)))
    return found


def check_first_use(options: Options, source: str | Path | None) -> None:
    """Check the device of the options unless it is the CPU or was checked before; a Note says what came of it.

    source: a video or picture with people, of this machine; None where there is none at hand. One that was found not to
    be trusted is told of every time.

    Raises ValueError when there is no such device, and what `fetch_model` raises.
    """
    if (device := device_used(options.engine, options.device)) == "CPU":
        return
    _, file = fetch_model(options)
    known = _known(device, file)
    if known is None:
        try:
            if source is None:
                raise ValueError(f"posecore check-device VIDEO --device {device} does it")
            warnings.warn(str(check_device(options, pictures_of(source))), Note, stacklevel=2)
        except (ValueError, OSError) as error:
            warnings.warn(f"{device} has not been compared with the CPU yet: {error}", Note, stacklevel=2)
    elif not known.trusted:
        warnings.warn(str(known), Note, stacklevel=2)


def _known(device: str, file: Path) -> DeviceCheck | None:
    with suppress(OSError, ValueError, TypeError):
        return DeviceCheck(**json.loads(check_file(device, file).read_text()))
    return None


def pictures_of(path: str | Path) -> Iterator[Image]:
    """Some frames from the beginning of a video, or a picture. Raises ValueError and OSError for what is neither."""
    if Path(path).suffix.lower() in PICTURES and Path(path).is_file():
        with stderr.closed():  # libpng and libjpeg print what is wrong
            picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            raise ValueError(f"{path}: not a picture, or cut off")
        yield picture  # type: ignore[misc]
        return
    with VideoReader(path) as video:
        for frame in islice(video, 0, LOOKS * EVERY, EVERY):
            yield frame.small(DEFAULTS.max_side)


def _crops(options: Options, file: Path, pictures: Iterable[Image]) -> list[Image]:
    """CROPS parts of the pictures, each around a person; where there are fewer, some have wider margins."""
    plain = Options(
        model_complexity=options.model_complexity, model=options.model, download_model=options.download_model
    )
    found: list[tuple[Image, Floats]] = []
    with estimator_of(plain, file, options.threads or available_cores(), mode="image") as estimator:
        for picture in pictures:
            found += [(picture, person.box) for person in estimator(picture)]
            if len(found) >= CROPS:
                break
    if not found:
        raise ValueError("nobody is found there; give a video or picture that shows people well")
    crops = (_crop(picture, box, MARGIN * wider) for wider in count(1) for picture, box in found)
    return list(islice(crops, CROPS))


def _crop(picture: Image, box: Floats, margin: float) -> Image:
    """What is in a box with a margin, at least a pixel of it."""
    height, width = picture.shape[:2]
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * (1 + margin)
    x0, y0 = np.clip(np.floor(middle - half), 0, [width - 1, height - 1]).astype(int)
    x1, y1 = np.clip(np.ceil(middle + half), [x0 + 1, y0 + 1], [width, height]).astype(int)
    return np.ascontiguousarray(picture[y0:y1, x0:x1])


def _compare(cpu: PoseNetwork, other: PoseNetwork, crop: Image) -> tuple[Floats, float] | None:
    """Distances of the keypoints that the CPU is sure of, and `DeviceCheck.alone`; None where the CPU finds nobody."""
    height, width = crop.shape[:2]
    whole, still = np.array([0, 0, width, height], np.float32), np.zeros(2, np.float32)
    first = cpu.find(crop, whole)
    if first is None:
        return None
    one = cpu.follow(crop, first, still).person.keypoints
    try:
        second, two = other.find(crop, whole), other.follow(crop, first, still).person.keypoints
    except ValueError:  # of what is no number
        return np.array([math.inf], np.float32), math.inf
    apart = _distances(one, two)[one.score >= DEFAULTS.min_score] / max(height, width)
    if second is None:
        return apart, math.inf
    return apart, float(np.median(_distances(first.person.keypoints, second.person.keypoints))) / max(height, width)


def _distances(one: Keypoints, two: Keypoints) -> Floats:
    distances: Floats = np.linalg.norm(two.xy - one.xy, axis=1)
    return distances
