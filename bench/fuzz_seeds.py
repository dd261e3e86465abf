"""What the fuzzer breaks: small sound files of every kind that is read, made here or taken from POSECORE_DATA."""

import json
import os
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from fuzz_videos import VIDEOS, Seed, find_videos, write_video

from posecore.assets import TFJS_GRAPH, TFJS_WEIGHTS, fetch
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import DocumentWriter, export_document, readable
from posecore.pose import FramePose, Keypoints, Landmarks, Person

BOX = [20.0, 10.0, 60.0, 60.0]
FOOTAGE, ANOTHER = "video.mp4", "other.json"  # beside a document: its video, and a sound one of the same
NEEDED = {"parquet": "pyarrow", "slp": "sleap_io"}  # packages for formats
SUFFIXES = {"coco": "json", "coco-dataset": "json", "dlc": "csv", "dlc-multi": "csv"}  # of formats called otherwise


def find_seeds(folder: Path) -> list[Seed]:
    """All seeds, always in the same order. folder: an empty one to work in."""
    documents = list(_documents(folder))
    imports = _imports(folder, documents)
    coco = [*_coco(), *_taken_coco(), *_pictures()]
    return [*find_videos(folder), *_models(), *documents, *imports, *coco, *_tracks(), *_runs()]


def truth() -> dict:
    """COCO annotations of two pictures, one with a person."""
    keypoints = [value for n in range(17) for value in (25 + 2 * n, 15 + 3 * n, 2)]
    person = {"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 2000.0, "iscrowd": 0}
    person |= {"num_keypoints": 17, "keypoints": keypoints}
    images = [{"id": n, "file_name": name, "width": 96, "height": 80} for n, name in enumerate(pictures(), 1)]
    category = {"id": 1, "name": "person", "keypoints": list(KEYPOINT_NAMES), "skeleton": []}
    return {"images": images, "annotations": [person], "categories": [category]}


def pictures() -> dict[str, bytes]:
    """The pictures of `truth`, by name."""
    picture = (np.indices((80, 96)).sum(axis=0)[..., None] * (1, 2, 3)).astype(np.uint8)
    return {f"{n}.{suffix}": cv2.imencode(f".{suffix}", picture)[1].tobytes() for n, suffix in ((1, "jpg"), (2, "png"))}


def _taken_coco() -> Iterator[Seed]:
    data = os.environ.get("POSECORE_DATA")
    for path in sorted(Path(data, "odd", "coco").glob("*.json")) if data else ():
        beside = {picture.name: picture.read_bytes() for picture in path.parent.glob("*.jpg")}
        if path.name.endswith(".results.json"):
            annotations = path.with_name(path.name.replace(".results", ""))
            yield Seed("results", "results.json", path.read_bytes(), {"truth.json": annotations.read_bytes()})
        else:
            yield Seed("annotations", "annotations.json", path.read_bytes(), beside)


def _models() -> Iterator[Seed]:
    yield Seed("model", "lite.task", fetch("lite").read_bytes())
    packed = fetch("movenet-lightning")
    yield Seed("model", packed.name, packed.read_bytes())
    with zipfile.ZipFile(packed) as archive:
        graph, weights = archive.read(TFJS_GRAPH), archive.read(TFJS_WEIGHTS)
    yield Seed("model", "movenet.json", graph, {"movenet.bin": weights})
    yield Seed("model", "movenet.bin", weights, {"movenet.json": graph})
    if find_spec("onnx"):
        yield Seed("model", "made.onnx", _made_network())
    yield Seed("finder", "finder.tfjs.zip", fetch("finder").read_bytes())


def _made_network() -> bytes:
    """An ONNX network of one convolution, from 64×48 pixels to heatmaps of 16×12."""
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(0).normal(0, 0.1, (17, 3, 4, 4)).astype(np.float32)
    picture, maps = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
        for name, shape in (("picture", (3, 64, 48)), ("maps", (17, 16, 12)))
    )
    convolution = helper.make_node("Conv", ["picture", "weights"], ["maps"], strides=[4, 4])
    values = [numpy_helper.from_array(weights, "weights")]
    graph = helper.make_graph([convolution], "made", [picture], [maps], values)
    made: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    ).SerializeToString()
    return made


def _documents(folder: Path) -> Iterator[Seed]:
    """With one person a frame, and with everything that is known of two, whole and line by line; of the first video."""
    keypoints = Keypoints(np.arange(34, dtype=np.float32).reshape(17, 2), np.full(17, 0.5, np.float32))
    points, sure = np.full((33, 3), 0.5, np.float32), np.full(33, 0.5, np.float32)
    box = np.array([0, 0, 40, 40], np.float32)
    persons = tuple(Person(keypoints, 0.5, box, n, Landmarks(points, sure, sure, points)) for n in (1, 2))
    beside = {FOOTAGE: write_video(folder, next(iter(VIDEOS))).read_bytes()}
    meta = {"fps": 10.0, "width": 96, "height": 64, "source": FOOTAGE, "track_names": {"1": "one"}}
    for everyone, file in ((False, "document.json"), (True, "document.json"), (True, "document.jsonl")):
        path = folder / file
        with DocumentWriter(path, meta, everyone) as document:
            for index in range(10):
                document.write(FramePose(index, 100 * index, persons if index else ()))
        beside.setdefault(ANOTHER, path.read_bytes())
        yield Seed("document", path.name, path.read_bytes(), beside)


def _imports(folder: Path, documents: list[Seed]) -> Iterator[Seed]:
    """What other programs would have made of a document of several people; of one person where they take no more."""
    one, *_, several = documents
    for kind in readable():
        if not find_spec(NEEDED.get(kind, "numpy")):
            continue
        document, path = (one if kind == "dlc" else several), folder / f"import-{kind}"
        (folder / document.name).write_bytes(document.content)
        export_document(folder / document.name, kind, path)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        name = files[-1].name if path.is_dir() else f"import.{SUFFIXES.get(kind, kind)}"
        yield Seed("import", name, files[-1].read_bytes(), {FOOTAGE: document.beside[FOOTAGE]})


def _tracks() -> Iterator[Seed]:
    """Who is who in three frames, and the same as a document."""
    people = [{"id": n, "bbox": [10 * n, 10, 20, 40], "occluded": n > 1} for n in (1, 2)]
    truth = {"video": "a.mp4", "frames": {str(n): people for n in range(3)}}
    frames = [
        {"frame_index": n, "timestamp_ms": 100 * n, "pose_score": 0.0, "keypoints": [], "persons": []} for n in range(3)
    ]
    document = {"meta": {"fps": 10, "width": 96, "height": 64}, "frames": frames}
    both = {"a.ids.json": json.dumps(truth).encode(), "a.json": json.dumps(document).encode()}
    for name, content in both.items():
        yield Seed("tracks", name, content, both)


def _coco() -> Iterator[Seed]:
    annotations = truth()
    result = {"image_id": 1, "category_id": 1, "keypoints": annotations["annotations"][0]["keypoints"], "score": 0.5}
    content = json.dumps(annotations).encode()
    yield Seed("annotations", "annotations.json", content, pictures())
    yield Seed("results", "results.json", json.dumps([result]).encode(), {"truth.json": content})
    run = {"image_ids": [1, 2], "model": {"name": "lite"}, "options": {"protocol": "image", "max_side": 0}}
    yield Seed(
        "results",
        "results.meta.json",
        json.dumps(run).encode(),
        {"truth.json": content, "results.json": json.dumps([result]).encode()},
    )


def _pictures() -> Iterator[Seed]:
    content = json.dumps(truth()).encode()
    for name, picture in pictures().items():
        yield Seed("picture", name, picture, pictures() | {"annotations.json": content})


def _runs() -> Iterator[Seed]:
    """What batches and evaluations keep to go on by."""
    record = {"name": "a", "input": "a.mp4", "size": 1, "mtime": "1", "options": "x", "outputs": ["a.mp4"]}
    record |= {"frames": 3, "person_share": 1.0, "warnings": ["odd"], "error": None}
    yield Seed("manifest", "manifest.jsonl", json.dumps(record).encode() + b"\n")
    lines = {"model": {"name": "lite"}}, {"image_id": 1, "results": [], "ms": 1.0}
    yield Seed("partial", "r.json.partial.jsonl", b"".join(json.dumps(line).encode() + b"\n" for line in lines))
