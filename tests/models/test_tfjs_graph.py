"""A graph model that was converted gives what TensorFlow.js itself gives."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from posecore.assets import TFJS_GRAPH, TFJS_WEIGHTS, fetch
from posecore.models import MoveNet
from posecore.models.movenet.square import Square
from posecore.models.person_finder import PersonFinder
from posecore.models.tfjs_graph import TfjsGraph
from posecore.video import VideoReader

PACKAGES = [f"@tensorflow/tfjs-{name}@4.22.0" for name in ("core", "converter", "backend-wasm")]
SCRIPT = Path(__file__).with_name("run_tfjs.cjs")


@pytest.fixture(scope="session")
def tfjs(tmp_path_factory):
    """A folder with TensorFlow.js, for tests only."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("Node.js is not installed: nothing to compare with")
    folder = tmp_path_factory.mktemp("tfjs")
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"TensorFlow.js cannot be fetched: {done.stderr.strip().splitlines()[-1]}")
    return folder


@pytest.fixture(scope="module")
def pictures(demo):
    """Ten frames of the demo clip."""
    with VideoReader(demo) as video:
        return [frame.small(640) for frame in video if frame.index % 23 == 0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["movenet-lightning", "movenet-thunder"])
def test_it_is_tensorflow_js_on_real_crops(tfjs, pictures, tmp_path, name):
    """Whole pictures, and their left and right: 30 crops. Where a heatmap has two equal peaks a keypoint may jump."""
    with zipfile.ZipFile(fetch(name)) as pack:
        pack.extractall(tmp_path)
    with MoveNet(fetch(name), mode="image") as ours:
        crops, found = [], []
        for picture in pictures:
            height, width = picture.shape[:2]
            for square in (Square.around_all(width, height), Square(0, 0, height), Square(width - height, 0, height)):
                square.crop(picture, ours._run.picture)
                crops.append(ours._run.picture.copy())
                found.append(ours._run()[0][0].copy())
        np.array(crops).tofile(tmp_path / "inputs.bin")
        side = ours.side
    paths = [tmp_path / file for file in (TFJS_GRAPH, TFJS_WEIGHTS, "inputs.bin")]
    subprocess.run(["node", SCRIPT, tfjs, *paths, str(side), tmp_path / "out.json"], check=True)
    theirs = np.reshape(json.loads((tmp_path / "out.json").read_text()), (-1, 17, 3))
    difference = np.abs(np.array(found) - theirs).max(axis=2)
    jumped = (difference > 1e-4).sum()
    largest = np.sort(difference.ravel())[-jumped - 1]
    print(f"{name}: {largest:.1e} largest difference, {jumped} of {difference.size} jumped")
    assert len(theirs) == len(crops) == 30 and jumped <= 2


def graph(name):
    with zipfile.ZipFile(fetch(name)) as pack:
        return pack.read(TFJS_GRAPH), pack.read(TFJS_WEIGHTS)


def test_fused_operations_are_taken_apart():
    names = [node.op for node in TfjsGraph(*graph("movenet-lightning"))._plain_nodes()]
    assert "_FusedConv2D" not in names and names.count("Conv2D") == 50 and names.count("BiasAdd") == 67


@pytest.mark.parametrize("side", [320, 416, 640])
def test_the_size_of_a_convolutional_graph_may_be_changed(side):
    """The finder's maps have 8, 16 and 32 pixels a cell."""
    cells = [(side // stride) ** 2 for stride in (8, 16, 32)]
    with PersonFinder(fetch("finder"), side) as finder:
        outputs = finder._run()
    assert [output.shape for output in outputs] == [(n, 80) for n in cells] + [(n, 44) for n in cells]


@pytest.mark.parametrize(
    "change", ["not json", "{}", '{"modelTopology": {"node": []}, "weightsManifest": []}', "[" * 10**5]
)
def test_what_is_no_graph_model_is_refused(change):
    with pytest.raises(ValueError, match=r"not a TensorFlow\.js graph model"):
        TfjsGraph(change.encode(), b"")


def test_weights_of_another_length_are_refused():
    topology, weights = graph("movenet-lightning")
    for wrong in (weights[:-4], weights + b"1234"):
        with pytest.raises(ValueError, match=r"not a TensorFlow\.js graph model"):
            TfjsGraph(topology, wrong)


def test_an_operation_that_is_not_known_is_named():
    topology, weights = graph("movenet-lightning")
    with pytest.raises(ValueError, match="the fused operation Prelu is not known here"):
        TfjsGraph(topology.replace(b"UmVsdTY=", b"UHJlbHU="), weights).graph_def()


@pytest.mark.parametrize("change", [("op", ["Const"]), ("attr", ["x"]), ("attr", {"T": {}}), ("input", 3)])
def test_nodes_that_are_none_are_refused(change):
    topology, weights = graph("movenet-lightning")
    model = json.loads(topology)
    model["modelTopology"]["node"][40] |= [change]
    with pytest.raises(ValueError, match=r"not a TensorFlow\.js graph model"):
        TfjsGraph(json.dumps(model).encode(), weights).graph_def()
