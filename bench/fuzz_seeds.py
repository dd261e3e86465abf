"""What the fuzzer breaks: small sound files of every kind that is read, made here or taken from POSECORE_DATA."""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np

from posecore.assets import TFJS_GRAPH, TFJS_WEIGHTS, fetch
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import DocumentWriter, export_document, readable
from posecore.pose import FramePose, Keypoints, Landmarks, Person

LARGEST = 64_000  # bytes of a file that is taken
VIDEOS = {  # by name: container, codecs of pictures and sound
    "h264.mp4": ("mp4", "libx264", "aac"),
    "mp3.mkv": ("matroska", "libx264", "mp3"),
    "hevc.mov": ("mov", "libx265", "pcm_s16le"),
    "vp9.webm": ("webm", "libvpx-vp9", "libopus"),
    "mpeg4.avi": ("avi", "mpeg4", "pcm_s16le"),
    "mpeg2.ts": ("mpegts", "mpeg2video", "mp2"),
    "portrait.mp4": ("mp4", "libx264", "aac"),  # turned by 90°, as telephones do
    "flv1.flv": ("flv", "flv1", "mp3"),
    "mjpeg.mov": ("mov", "mjpeg", "alac"),
    "theora.ogv": ("ogg", "libtheora", "flac"),
}
NO_VIDEOS = (".json", ".py", ".sh", ".md", ".txt", ".pbtxt")
BOX = [20.0, 10.0, 60.0, 60.0]
FOOTAGE, ANOTHER = "video.mp4", "other.json"  # beside a document: its video, and a sound one of the same
SUFFIXES = {"coco": "json", "coco-dataset": "json", "dlc": "csv", "dlc-multi": "csv"}  # of formats called otherwise


@dataclass(frozen=True)
class Seed:
    """A sound file.

    beside: files that belong to it, by name. sound: where packets of sound are, (begin, end).
    promises: numbers that its header has: sizes, lengths, rates.
    """

    kind: str
    name: str
    content: bytes
    beside: dict[str, bytes] = field(default_factory=dict)
    sound: tuple[tuple[int, int], ...] = ()
    promises: tuple[int, ...] = ()


def find_seeds(folder: Path) -> list[Seed]:
    """All seeds, always in the same order. folder: an empty one to work in."""
    documents = list(_documents(folder))
    imports = _imports(folder, documents)
    return [*_videos(folder), *_taken(), *_models(), *documents, *imports, *_coco(), *_tracks(), *_pictures(), *_runs()]


def write_person(path: Path) -> None:
    """Three frames of the demo clip, in which somebody is found."""
    with av.open(str(fetch("demo"))) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if 110 <= number < 113:
                small = frame.reformat(640, 360, "yuv420p")
                small.pts, small.pict_type = None, 0
                target.mux(stream.encode(small))
            if number == 113:
                break
        target.mux(stream.encode(None))


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


def _videos(folder: Path) -> Iterator[Seed]:
    for name, (container, video, audio) in VIDEOS.items():
        if {video, audio} <= av.codecs_available:
            _write_video(folder / name, container, video, audio)
            yield _video(folder / name)
    write_person(folder / "person.mp4")
    yield _video(folder / "person.mp4")


def _write_video(path: Path, container: str, video: str, audio: str) -> None:
    """Ten frames of 96×64 at 10 frames/s, and a second of a tone."""
    with av.open(str(path), "w", format=container) as file:
        pictures = file.add_stream(video, rate=10, options={"x265-params": "log-level=none"} if "265" in video else {})
        pictures.width, pictures.height = 96, 64
        if path.stem == "portrait":
            pictures.set_display_rotation(90)
        pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
        sound = file.add_stream(audio, rate=44100 if audio != "libopus" else 48000, layout="stereo")
        places = np.indices((64, 96)).sum(axis=0)
        for number in range(10):
            picture = (places[..., None] * (1, 2, 3) + 20 * number).astype(np.uint8)
            file.mux(pictures.encode(av.VideoFrame.from_ndarray(picture)))
        rate, resampler = sound.codec_context.sample_rate, av.AudioResampler(sound.format, "stereo", sound.rate)
        tone = np.sin(np.arange(rate) * 2 * np.pi * 440 / rate).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), "fltp", "stereo")
        frame.rate = rate
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(sound.encode(part))
        file.mux(pictures.encode(None))
        file.mux(sound.encode(None))


def _video(path: Path) -> Seed:
    """A seed of a file, whatever FFmpeg can say of it."""
    sound, promises = [], set()
    with suppress(av.FFmpegError), av.open(str(path)) as file:
        for stream in (*file.streams.video, *file.streams.audio):
            names = ("width", "height", "duration", "frames", "sample_rate")
            promises |= {getattr(stream, name, None) for name in names}  # an unknown codec has fewer
        packets = file.demux(file.streams.audio) if file.streams.audio else ()
        sound = [(packet.pos, packet.pos + packet.size) for packet in packets if packet.size and packet.pos is not None]
    kept = tuple(sorted(number for number in promises if number))
    return Seed("video", path.name, path.read_bytes(), sound=tuple(sound), promises=kept)


def _taken() -> Iterator[Seed]:
    """Small files of the real data."""
    data = os.environ.get("POSECORE_DATA")
    for part in ("odd", "videos") if data else ():
        for path in sorted(Path(data, part).rglob("*")):
            small = path.is_file() and 0 < path.stat().st_size <= LARGEST and path.parent.name != "coco"
            if small and path.suffix not in NO_VIDEOS:
                yield _video(path)
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
    name, codecs = next(iter(VIDEOS.items()))
    if not (folder / name).exists():
        _write_video(folder / name, *codecs)
    beside = {FOOTAGE: (folder / name).read_bytes()}
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
        document, path = (one if kind == "dlc" else several), folder / f"import-{kind}"
        (folder / document.name).write_bytes(document.content)
        try:
            export_document(folder / document.name, kind, path)
        except ImportError:  # of a package that is needed for it
            continue
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
