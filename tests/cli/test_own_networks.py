"""`--model-path FILE.onnx` of run, batch and evaluate: what is said, what is written, and what is refused."""

import json
import os
import tempfile
from types import SimpleNamespace

import pytest
from media import cut

from posecore.cli import main
from posecore.files import file_sha256
from posecore.formats import read_document

networks = pytest.importorskip("networks")
KIND = "theirs.onnx: top-down, SimCC, 192×256 pixels"


@pytest.fixture(scope="module")
def folder(demo, tmp_path_factory):
    """walk.mp4, 8 frames; theirs.onnx of the RTMPose kind, and body.onnx, which has 133 keypoints."""
    folder = tmp_path_factory.mktemp("own")
    cut(demo, folder / "walk.mp4", 120, 8, width=640)
    networks.simcc(folder / "theirs.onnx")
    networks.simcc(folder / "body.onnx", keypoints=133)
    return folder


@pytest.fixture
def posecore(folder, tmp_path, monkeypatch, capsys):
    """The command in an empty folder, beside the files above."""
    for name in os.listdir(folder):
        (tmp_path / name).symlink_to(folder / name)
    monkeypatch.chdir(tmp_path)

    def posecore(*arguments):
        status = main([*map(str, arguments)])
        told = capsys.readouterr()
        return SimpleNamespace(status=status, out=told.out, lines=told.err.splitlines())

    return posecore


def test_run(posecore, tmp_path):
    done = posecore("run", "walk.mp4", "--model-path", "theirs.onnx", "--json", "a.json", "-o", "a.mp4")
    assert done.status == 0 and done.lines[0] == f"posecore run: {KIND}"
    assert len(done.lines) == 2 and "--search" not in done.lines[1]
    meta, frames = read_document("a.json")
    assert len(frames) == 8 and (tmp_path / "a.mp4").exists()
    assert (meta["model"], meta["model_sha256"]) == ("theirs.onnx", file_sha256("theirs.onnx"))
    assert (meta["model_family"], meta["engine"]) == ("top-down", "openvino") and "model_size" not in meta
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["confidence_convention"].startswith("Per-keypoint 'score' is the highest value that the network")


def test_batch(posecore, tmp_path):
    arguments = ("batch", "--input", "walk.mp4", "--output-dir", "out", "--no-video", "--workers", 1, "--model-path")
    refused = posecore(*arguments, "body.onnx")
    assert refused.status == 2 and not (tmp_path / "out").exists()
    assert refused.lines == [
        "posecore batch: error: body.onnx: finds 133 keypoints; give a network that finds COCO's 17"
    ]
    done = posecore(*arguments, "theirs.onnx")
    assert done.status == 0 and done.lines[0] == f"posecore batch: {KIND}"
    meta, frames = read_document(tmp_path / "out" / "walk.json")
    assert len(frames) == 8 and meta["model_family"] == "top-down"


def test_evaluate(posecore, made_coco, tmp_path):
    arguments = (
        "evaluate", "--annotations", made_coco / "annotations/person_keypoints_val2017.json", "--images",
        made_coco / "val2017", "--limit", 3, "--people", "all", "--model-path",
    )  # fmt: skip
    done = posecore(*arguments, "theirs.onnx")
    assert done.status == 0 and done.lines[0] == f"posecore evaluate: {KIND}"
    run = json.loads((tmp_path / "evaluation/report.json").read_text())["run"]
    assert run["model"] == {"name": "theirs", "file": "theirs.onnx", "sha256": file_sha256("theirs.onnx")}
    refused = posecore(*arguments, "body.onnx")
    assert refused.status == 2 and refused.lines[0].startswith("posecore evaluate: error: body.onnx: finds 133 key")
    refused = posecore(*arguments[:-1], "--model", "movenet-thunder", "--model-path", "theirs.onnx")
    assert refused.status == 2 and refused.lines == [
        "posecore evaluate: error: theirs.onnx: is not a file of movenet-thunder; leave --model out"
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--model-path", "body.onnx"), "body.onnx: finds 133 keypoints; give a network that finds COCO's 17"),
        (("--model-path", "none.onnx"), "none.onnx: no such model file; give one that is there"),
        (
            ("--model-path", "theirs.onnx", "--landmarks"),
            "a top-down network finds 17 keypoints; leave --landmarks out",
        ),
        (("--model-path", "theirs.onnx", "--engine", "mediapipe"), "mediapipe cannot run it; use --engine openvino"),
    ],
)
def test_what_run_refuses(posecore, tmp_path, more, message):
    done = posecore("run", "walk.mp4", "--json", "a.json", *more)
    assert done.status == 2 and done.lines[-1].startswith("posecore run: error: ") and message in done.lines[-1]
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize("place", ["{folder}/weights", "../weights", "weights", "/proc/self/cwd/weights"])
def test_weights_in_another_file_are_not_read(posecore, tmp_path, monkeypatch, place):
    """The file that they would come from is there, wherever OpenVINO looked for it."""
    onnx, temporary = networks.onnx, tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    model = onnx.load("theirs.onnx")
    weights = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    for path in (tmp_path / "weights", temporary / "weights"):
        path.write_bytes(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=place.format(folder=tmp_path))
    (tmp_path / "a.onnx").write_bytes(model.SerializeToString())
    done = posecore("run", "walk.mp4", "--model-path", "a.onnx", "--json", "a.json")
    assert done.status == 2 and not (tmp_path / "a.json").exists()
    assert done.lines[0].startswith("posecore run: error: a.onnx: not a pose network in ONNX, or damaged")
