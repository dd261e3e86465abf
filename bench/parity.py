"""Is the engine openvino MediaPipe? Landmarks of both on the same pictures, and of others as yardsticks.

IMAGE: the COCO pictures, every one alone. VIDEO: tracking feeds each frame's result into the next one, so rounding
grows; the yardstick is MediaPipe on the same video with −1, 0 or 1 added to every value of every pixel.
Distances are in pixels of the picture that the networks were given, at most 640 wide or high.

Where LiteRT is installed, the native graph also runs on it, which tells the graph from the runtime (see litert.py):
on XNNPACK, as MediaPipe does, and on LiteRT's own kernels, which round otherwise.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from posecore.assets import fetch
from posecore.coco import to_person
from posecore.evaluation import coco_result, evaluate, machine, read_annotations, read_picture
from posecore.files import replacing
from posecore.models import MODEL_NAMES, BlazePoseLandmarker, Landmarker, MediaPipeLandmarker
from posecore.pose import Image, Landmarks
from posecore.video import VideoReader

VIDEOS = ("demo.mp4", "pose_squats.mp4", "Demo_SinglePerson_cam01.mp4", "one-by-one-person-detection.mp4")
MAX_SIDE = 640
LITERT = {"litert": "xnnpack", "litert's own kernels": "builtin"}

Poses = Sequence[Landmarks | None]


@dataclass(frozen=True)
class Parity:
    """How two engines agree.

    pictures: that were compared. same: share in which both or neither found somebody.
    first: median distance over the 33 landmarks of the first picture with a pose in both.
    median, p99: distance of landmarks in pixels. confidence: p99 of the difference in visibility and presence.
    """

    pictures: int
    same: float
    first: float
    median: float
    p99: float
    confidence: float


def compare(a: Poses, b: Poses, sizes: Sequence[tuple[int, int]]) -> Parity:
    """Two engines' poses on the same pictures; sizes: (width, height) of each."""
    distances, confidences = [], []
    for p, q, size in zip(a, b, sizes, strict=True):
        if p and q:
            distances.append(np.linalg.norm((p.xyz - q.xyz)[:, :2] * size, axis=1))
            confidences += [np.abs(p.visibility - q.visibility), np.abs(p.presence - q.presence)]
    same = np.mean([(p is None) == (q is None) for p, q in zip(a, b, strict=True)])
    median, p99 = np.percentile(distances, (50, 99))
    return Parity(
        len(a), float(same), float(np.median(distances[0])), median, p99, float(np.percentile(confidences, 99))
    )


def small_frames(path: Path, limit: int | None = None) -> Iterator[tuple[Image, int]]:
    """Pictures as the networks are given them, with milliseconds."""
    with VideoReader(path) as video:
        for frame in video:
            if frame.index == limit:
                return
            yield frame.small(MAX_SIDE), frame.timestamp_ms


def with_noise(frames: Iterable[tuple[Image, int]], seed: int = 0) -> Iterator[tuple[Image, int]]:
    """The same with −1, 0 or 1 added to every value."""
    rng = np.random.default_rng(seed)
    for image, time in frames:
        noise = rng.integers(-1, 2, image.shape, np.int8)
        yield np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8), time


def track(landmarker: Landmarker, frames: Iterable[tuple[Image, int]]) -> tuple[Poses, list[tuple[int, int]]]:
    """The first person of every frame, and the sizes of the frames."""
    poses, sizes = [], []
    for image, time in frames:
        poses.append(next(iter(landmarker.detect(image, time)), None))
        sizes.append((image.shape[1], image.shape[0]))
    landmarker.close()
    return poses, sizes


def others(names: Sequence[str], run: Callable[[], Poses]) -> dict[str, Poses]:
    """What the native graph finds on the runtimes of `LITERT` that are named."""
    found = {}
    for name in names:
        from litert import on_litert

        with on_litert(LITERT[name]):
            found[name] = run()
    return found


def compare_video(model: Path, path: Path, limit: int | None = None, runtimes: Sequence[str] = ()) -> dict[str, Parity]:
    """Against mediapipe: openvino, mediapipe with noise, and the graph on `runtimes`, names of `LITERT`."""
    frames = partial(small_frames, path, limit)
    reference, sizes = track(MediaPipeLandmarker(model), frames())
    found = {
        "openvino": track(BlazePoseLandmarker(model), frames())[0],
        "noise": track(MediaPipeLandmarker(model), with_noise(frames()))[0],
        **others(runtimes, lambda: track(BlazePoseLandmarker(model), frames())[0]),
    }
    return {name: compare(reference, poses, sizes) for name, poses in found.items()}


def compare_images(
    model: Path, pictures: Callable[[], Iterable[Image]], runtimes: Sequence[str] = ()
) -> tuple[dict[str, Parity], dict[str, Poses]]:
    """Every picture alone, as `compare_video`; and the poses by engine."""

    def run(engine: Callable[..., Landmarker]) -> tuple[Poses, list[tuple[int, int]]]:
        return track(engine(model, mode="image"), ((image, 0) for image in pictures()))

    reference, sizes = run(MediaPipeLandmarker)
    found = {
        "openvino": run(BlazePoseLandmarker)[0],
        **others(runtimes, lambda: run(BlazePoseLandmarker)[0]),
    }
    parities = {name: compare(reference, poses, sizes) for name, poses in found.items()}
    return parities, {"mediapipe": reference, **found}


def pictures(dataset: dict[str, Any], folder: Path) -> Iterator[Image]:
    """The pictures of a COCO data set."""
    return (read_picture(folder, record) for record in dataset["images"])


def average_precision(dataset: dict[str, Any], poses: Poses) -> float:
    """AP of one pose per picture."""
    results = [
        coco_result(picture["id"], to_person(pose, picture["width"], picture["height"]))
        for picture, pose in zip(dataset["images"], poses, strict=True)
        if pose
    ]
    return evaluate(dataset, results).stats["AP"]


def main() -> int:
    """Print the table, write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-complexity", type=int, choices=(0, 1, 2), nargs="+", default=[0, 1, 2])
    parser.add_argument("--results", default="bench/results/parity.json", help="default: %(default)s")
    options = parser.parse_args()
    data = Path(os.environ.get("POSECORE_DATA", "data"))
    dataset = read_annotations(data / "coco/annotations/person_keypoints_val2017.json")
    runtimes = list(LITERT) if find_spec("ai_edge_litert") else []
    rows = []
    print(f"{'':45} {'pictures':>8} {'same':>7} {'first':>7} {'median':>7} {'p99':>8} {'conf.':>7}")
    for complexity in options.model_complexity:
        name = MODEL_NAMES[complexity]
        model = fetch(name)
        parities, poses = compare_images(model, partial(pictures, dataset, data / "coco/val2017"), runtimes)
        ap = {engine: average_precision(dataset, poses[engine]) for engine in ("mediapipe", "openvino")}
        rows.append({"model": name, "on": "COCO", **as_json(parities), "AP": ap})
        show(f"{name} COCO", parities)
        print(f"{'':6}AP {ap['mediapipe']:.4f} mediapipe, {ap['openvino']:.4f} openvino", flush=True)
        for video in VIDEOS:
            path = fetch("demo") if video == "demo.mp4" else data / "videos" / video
            parities = compare_video(model, path, runtimes=runtimes)
            rows.append({"model": name, "on": video, **as_json(parities)})
            show(f"{name} {video}", parities)
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")
    return 0


def as_json(parities: dict[str, Parity]) -> dict[str, Any]:
    """By engine."""
    return {name: asdict(parity) for name, parity in parities.items()}


def show(label: str, parities: dict[str, Parity]) -> None:
    """A line of the table for each."""
    for name, parity in parities.items():
        print(
            f"{label if name == 'openvino' else f'      {name}':45} {parity.pictures:8} {parity.same:7.2%} "
            f"{parity.first:7.3f} {parity.median:7.3f} {parity.p99:8.2f} {parity.confidence:7.4f}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
