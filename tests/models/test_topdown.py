"""Top-down networks of ONNX files: equal to rtmlib on real people, followed in a video, and what is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from posecore import open_estimator
from posecore.evaluation.dataset import coco_folder, read_annotations
from posecore.models import TopDown, TopDownNetwork, network
from posecore.models.topdown.crop import Crop
from posecore.models.topdown.heatmap import decode_heatmaps
from posecore.models.topdown.simcc import decode_simcc
from posecore.models.topdown.topdown import next_box
from posecore.pose import Keypoints

networks = pytest.importorskip("networks")
ROOT = Path(__file__).parent.parent.parent
AREAS = ((0, 32**2), (32**2, 96**2), (96**2, 1e9))  # of people: small, medium, large as COCO has them


@pytest.fixture(scope="module")
def rtmlib():
    return pytest.importorskip("rtmlib", reason="rtmlib is not installed: pip install --no-deps rtmlib==0.0.16")


@pytest.fixture(scope="module")
def people(request):
    """Real pictures and true boxes in them, x0, y0, x1, y1, of all sizes; without COCO those of made pictures."""
    try:
        folder = coco_folder(ROOT / "data")
    except FileNotFoundError:
        folder = request.getfixturevalue("made_coco")
    dataset = read_annotations(folder / "annotations" / "person_keypoints_val2017.json")
    files = {picture["id"]: folder / "val2017" / picture["file_name"] for picture in dataset["images"]}
    chosen = []
    for low, high in AREAS:
        of_size = [a for a in dataset["annotations"] if low <= a["area"] < high and files[a["image_id"]].exists()]
        chosen += of_size[:8]
    assert len(chosen) >= 8
    pictures = [cv2.imread(str(files[person["image_id"]]), cv2.IMREAD_COLOR_RGB) for person in chosen]
    corners = np.array([person["bbox"] for person in chosen], np.float32)
    return [*zip(pictures, corners + np.pad(corners[:, :2], ((0, 0), (2, 0))), strict=True)]


NETWORKS = {
    "RTMPose": lambda path: networks.simcc(path),
    "RTMPose of another size": lambda path: networks.simcc(path, (288, 384)),
    "RTMPose of one picture": lambda path: networks.simcc(path, (256, 256), batch=1),
    "ViTPose": lambda path: networks.heatmaps(path),
    "ViTPose of an open size": lambda path: networks.heatmaps(path, open_size=True),
    "HRNet of another size": lambda path: networks.heatmaps(path, (288, 384), batch=1),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_as_rtmlib_has_it(tmp_path, rtmlib, people, name):
    """On OpenCV's runtime there, on OpenVINO here."""
    path = NETWORKS[name](tmp_path / "made.onnx")
    with_network = TopDownNetwork(path)
    size = with_network._network.width, with_network._network.height
    kind = rtmlib.RTMPose if "RTMPose" in name else rtmlib.ViTPose
    reference = kind(str(path), model_input_size=size, backend="opencv")
    distances = []
    for picture, box in people:
        (expected,), (score,) = reference(picture, [box.astype(float)])
        (found,) = with_network.poses(picture, [box])
        distances += [*np.linalg.norm(found.xy - expected, axis=1)[score > 0]]  # of the others see below
        np.testing.assert_allclose(found.score, score.clip(0, 1), atol=1e-5)
    with_network.close()
    print(f"{name}: {len(distances)} keypoints of {len(people)} people, {max(distances):.6f} px at most")
    assert len(distances) > 13 * len(people) and max(distances) <= 0.01


def test_the_crop_is_rtmlibs_to_the_bit(rtmlib, people):
    reference = object.__new__(rtmlib.RTMPose)
    reference.model_input_size, reference.mean = (192, 256), None
    ours = np.empty((256, 192, 3), np.uint8)
    for picture, box in people:
        Crop.around(box, 192 / 256).cut(picture, ours)
        np.testing.assert_array_equal(ours, reference.preprocess(picture, box.astype(float))[0])


def test_heatmaps_are_decoded_as_rtmlib_does(rtmlib):
    """Noise too, whose steps may be as long as they like."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:64, :48]
    middles = rng.uniform(-1, (48, 64), (17, 2))
    hills = np.stack([np.exp(-((x - a) ** 2 + (y - b) ** 2) / 8) for a, b in middles])
    for noise in (0, 0.05, 1):
        maps = (hills + rng.normal(0, noise, hills.shape)).astype(np.float32)
        places, score = decode_heatmaps(maps)
        center, size = np.array([100.0, 120.0]), np.array([150.0, 200.0])
        expected, sure = object.__new__(rtmlib.ViTPose).postprocess([maps[None].copy()], center, size)
        np.testing.assert_allclose(places * size + center - size / 2, expected[0], rtol=1e-4, atol=0.001)
        np.testing.assert_allclose(score, sure[0])
        if noise == 0:
            inside = (middles > 8).all(axis=1) & (middles < (39, 55)).all(axis=1)  # of the rim
            np.testing.assert_allclose(places[inside] * (47, 63), middles[inside], atol=0.01)


def test_where_nothing_is_seen_there_is_a_place_and_no_score():
    """rtmlib gives the upper left corner, or what lies beside the map in memory."""
    empty = np.full((17, 384), -1, np.float32)
    empty[:, 100] = -0.5
    places, score = decode_simcc(empty, empty)
    assert (places == np.float32(100 / 384)).all() and (score < 0).all()
    places, score = decode_heatmaps(np.full((17, 64, 48), -1, np.float32))
    assert (places == 0).all() and (score < 0).all()


RED, BLUE = (255, 0, 0), (0, 0, 255)


def dot(x, y, color=RED):
    """A picture of grey, 640×360, in which a colour comes up around a place."""
    rows, columns = np.mgrid[:360, :640]
    share = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 12**2))[..., None]
    return np.rint(90 * (1 - share) + np.array(color) * share).astype(np.uint8)


def expected_at(x, y, crop):
    return np.array([x, y]) + networks.SHIFTS * np.array([crop.width / 47, crop.height / 63])


@pytest.fixture(scope="module")
def follower(tmp_path_factory):
    return networks.red_follower(tmp_path_factory.mktemp("networks") / "red.onnx")


def test_the_network_sees_red_green_and_blue_in_that_order(follower):
    box = np.float32([200, 100, 360, 300])
    network_of_red = TopDownNetwork(follower)
    (red,), (blue,) = (network_of_red.poses(dot(280, 200, color), [box]) for color in (RED, BLUE))
    network_of_red.close()
    assert red.score.min() > 0.9 and blue.score.max() < 0.01
    crop = Crop.around(box, 192 / 256)
    assert np.abs(red.xy - expected_at(280, 200, crop)).max() < 1.5


class Finder:
    """In the place of the finder; counts how often it is asked."""

    def __init__(self, box):
        self.box, self.asked = box, 0

    def __call__(self, picture):
        self.asked += 1
        return None if self.box is None else np.float32(self.box)

    def close(self):
        self.closed = True


def test_a_person_is_followed_lost_and_found_again(follower):
    finder = Finder([120, 90, 280, 310])
    path = [(200 + 9 * n, 200 - 3 * n) for n in range(20)]
    with TopDown(follower, finder) as top_down:
        for n, (x, y) in enumerate(path):
            (person,) = top_down.detect(dot(x, y), 40 * n)
            middle = person.keypoints.xy[2 + 6]  # whose shift is none
            assert np.abs(middle - (x, y)).max() < 2, n
            assert person.score > 0.9
        assert finder.asked == 1
        finder.box = None
        assert top_down.detect(dot(320, 200, BLUE), 900) == [] and finder.asked == 2
        assert top_down.detect(dot(100, 100), 940) == [] and finder.asked == 3
        finder.box = [20, 20, 180, 180]
        (person,) = top_down.detect(dot(100, 100), 980)
        assert np.abs(person.keypoints.xy[8] - (100, 100)).max() < 2
    assert finder.closed


def test_the_next_box_is_around_what_is_sure():
    xy = np.full((17, 2), 900, np.float32)
    xy[:4] = [(100, 100), (200, 100), (100, 300), (200, 300)]
    score = np.where(np.arange(17) < 4, 0.3, 0.29).astype(np.float32)
    np.testing.assert_allclose(next_box(Keypoints(xy, score)), [87.5, 75, 212.5, 325])
    score[0] = 0.29
    assert next_box(Keypoints(xy, score)) is None


def test_people_of_a_picture_ranked(follower, demo, monkeypatch):
    """Everyone whom the finder sees, the surest first, once each; or the surest alone."""
    boxes = np.float32([[120, 90, 280, 310], [121, 90, 281, 310], [400, 90, 560, 310], [300, 200, 340, 280]])
    scores = np.float32([0.9, 0.8, 0.5, 0.3])
    monkeypatch.setattr("posecore.models.person_finder.PersonFinder.__call__", lambda *_: (boxes, scores))
    picture = np.hstack([dot(200, 200)[:, :320], dot(480, 200)[:, 320:]])
    with open_estimator(model_path=follower, mode="image", max_side=0, num_poses=0) as estimator:
        found = estimator(picture)
    np.testing.assert_allclose([person.score for person in found], [0.9**0.5, 0.5**0.5, 0], atol=0.06)
    for person, x in zip(found, (200, 480), strict=False):
        assert np.abs(person.keypoints.xy[8] - (x, 200)).max() < 2
    with open_estimator(model_path=follower, mode="image", max_side=0) as estimator:
        (surest,) = estimator(picture)
    np.testing.assert_array_equal(surest.keypoints.xy, found[0].keypoints.xy)


def test_the_compiled_network_is_kept_by_the_content_of_the_file(follower, tmp_path, monkeypatch):
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(network, "_spare", type(network._spare)())
    TopDownNetwork(follower)
    (tmp_path / "copy.onnx").write_bytes(follower.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(network.Recipe, "apply", lambda *_: pytest.fail("compiled again"))
        TopDownNetwork(tmp_path / "copy.onnx")
    networks.heatmaps(tmp_path / "copy.onnx")
    TopDownNetwork(tmp_path / "copy.onnx")
    assert len(list((tmp_path / "cache/openvino").glob("*.blob"))) == 2


def detector(path):
    """Boxes and their scores, as many as there are."""
    made = networks.Made()
    made.step("NonZero", made.features(4, 5), name="dets")
    return made.save(path, ["batch", 3, 640, 640], {"dets": [4, "boxes"]})


def half_a_file(path):
    path.write_bytes(networks.simcc(path).read_bytes()[:100_000])


def text(path):
    path.write_text("no network\n" * 100)


def rows_first(path):
    made = networks.Made()
    made.features(2, 17, made.step("Transpose", "input", perm=[0, 3, 1, 2]))
    made.save(path, [1, 256, 192, 3], {"Conv3": [1, 17, 64, 48]})


def weights_elsewhere(path):
    onnx = networks.onnx
    onnx.save(
        onnx.load(networks.simcc(path)), path, save_as_external_data=True, location="weights.bin", size_threshold=0
    )


NO_NETWORK = (
    r"not a pose network in ONNX, or damaged; give one with the input \(batch, 3, height, width\), and its weights"
)
REFUSED = {
    "whole body": (lambda path: networks.simcc(path, keypoints=133), "finds 133 keypoints; give .* COCO's 17"),
    "with feet": (lambda path: networks.heatmaps(path, keypoints=25), "finds 25 keypoints; give .* COCO's 17"),
    "finer SimCC": (lambda path: networks.simcc(path, split=3), r"its outputs \(1×17×576, 1×17×768\) are no top-down"),
    "maps of an eighth": (lambda path: networks.heatmaps(path, cell=8), r"its outputs \(1×17×32×24\) are no top-down"),
    "a detector": (detector, r"its outputs \(4×\?\) are no top-down .*give one that is: RTMPose's"),
    "channels last": (rows_first, NO_NETWORK),
    "half": (half_a_file, NO_NETWORK),
    "text": (text, NO_NETWORK),
    "empty": (Path.touch, NO_NETWORK),
    "weights elsewhere": (weights_elsewhere, NO_NETWORK),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tmp_path, name):
    make, message = REFUSED[name]
    path = tmp_path / "their.onnx"
    make(path)
    with pytest.raises(ValueError, match=f"^{path}: {message}"):
        open_estimator(model_path=path)


def test_a_network_that_counts_to_infinity(tmp_path):
    made = networks.Made()
    made.step("Log", made.step("Relu", made.features(2, 17)), name="heatmaps")
    path = made.save(tmp_path / "log.onnx", [1, 3, 256, 192], {"heatmaps": [1, 17, 64, 48]})
    black = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(ValueError, match=r"log\.onnx: gives what is no number on a picture; export it anew"):
        for _ in range(3):
            TopDownNetwork(path).poses(black, [np.float32([0, 0, 64, 64])])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"engine": "mediapipe"}, "top-down: mediapipe cannot run it; use --engine openvino"),
        ({"world": True}, "a top-down network finds 17 keypoints; leave --landmarks out"),
        ({"num_poses": 2, "device": "NPU"}, "--device NPU: OpenVINO finds none here; use --device CPU"),
        ({"device": "NPU"}, "--device NPU: OpenVINO finds none here; use --device CPU"),
        ({"mode": "image", "mirror": True}, "--mirror: is for MoveNet"),
    ],
)
def test_what_it_cannot_do_is_refused(follower, wrong, message):
    with pytest.raises(ValueError, match=message):
        open_estimator(**{"model_path": follower, "engine": "openvino"} | wrong)
