"""MoveNet: its rules, each against its definition, and its own golden files."""

import json

import cv2
import numpy as np
import pytest

from posecore import Options, VideoReader, open_estimator, process_video, read_document
from posecore.assets import fetch
from posecore.coco import KEYPOINT_NAMES, MIRRORED
from posecore.models import MODELS, MoveNet
from posecore.models.movenet.movenet import pose_score
from posecore.models.movenet.smoothing import KeypointFilter
from posecore.models.movenet.square import Square
from posecore.pose import Keypoints

NAMES = ["movenet-lightning", "movenet-thunder"]
# pose.jpg letterboxed, by the networks in another runtime: x, y, score.
GOLDEN = {
    "nose": ((472.0, 285.4, 0.598), (458.4, 278.2, 0.733)),
    "left_shoulder": ((532.6, 318.6, 0.616), (532.1, 313.3, 0.660)),
    "right_elbow": ((376.1, 316.3, 0.371), (375.3, 317.6, 0.836)),
    "left_wrist": ((684.3, 312.8, 0.454), (680.8, 311.4, 0.808)),
    "right_wrist": ((316.9, 306.5, 0.487), (324.4, 308.7, 0.567)),
    "left_hip": ((516.7, 468.0, 0.517), (516.6, 464.1, 0.672)),
    "right_knee": ((361.2, 484.9, 0.567), (350.0, 489.0, 0.812)),
    "left_ankle": ((706.4, 624.0, 0.637), (710.3, 620.5, 0.806)),
    "right_ankle": ((342.5, 623.2, 0.673), (349.6, 614.3, 0.794)),
}


@pytest.mark.parametrize("number", [0, 1])
def test_the_golden_picture(videos, number):
    """Within 2 % of the picture: how a runtime samples the picture moves a keypoint by more than a pixel."""
    image = cv2.cvtColor(cv2.imread(str(videos / "pose.jpg")), cv2.COLOR_BGR2RGB)
    with MoveNet(fetch(NAMES[number]), mode="image") as movenet:
        found = movenet.look(image, Square.around_all(1000, 667))
    for name, expected in GOLDEN.items():
        k, (x, y, score) = KEYPOINT_NAMES.index(name), expected[number]
        assert np.hypot(*(found.xy[k] - (x, y))) < 20, name
        assert found.score[k] == pytest.approx(score, abs=0.15), name


def test_the_golden_video(videos):
    """pose_1.mp4, Lightning, smoothed: within the reference's own tolerance of 60 px, and 4 px in the median."""
    golden = json.loads((videos / "pose_1.json").read_text())
    expected = np.array([[(frame[name]["x"], frame[name]["y"]) for name in KEYPOINT_NAMES] for frame in golden])
    found = []
    with VideoReader(videos / "pose_1.mp4") as video, MoveNet(fetch("movenet-lightning")) as movenet:
        for frame in video:
            (person,) = movenet.detect(frame.image, round(frame.index * 1000 / 30))
            found.append(person.keypoints.xy)
    distance = np.abs(np.array(found) - expected)
    print(f"pose_1: {np.median(distance):.2f} px median, {distance.max():.1f} px largest, {len(found)} frames")
    assert distance.shape == (120, 17, 2)
    assert distance.max() < 60 and np.median(distance) <= 4


def person(**places):
    """Keypoints at (100, 100) with score 0.9, but for those that are given as x, y, score."""
    xy, score = np.full((17, 2), 100, np.float32), np.full(17, 0.9, np.float32)
    for name, (x, y, sure) in places.items():
        xy[KEYPOINT_NAMES.index(name)], score[KEYPOINT_NAMES.index(name)] = (x, y), sure
    return Keypoints(xy, score)


def test_the_next_square_is_around_the_hips_as_far_as_the_body_reaches():
    found = person(left_shoulder=(100, 60, 0.9), left_ankle=(100, 160, 0.9))
    square = Square.next(found, 640, 480)
    assert (square.x, square.y, square.side) == pytest.approx((100 - 76, 100 - 76, 152))  # 1.9 · 40 > 1.2 · 60
    found = person(left_ankle=(100, 200, 0.9), right_wrist=(400, 100, 0.1))  # which is too unsure to count
    assert Square.next(found, 640, 480).side == pytest.approx(2 * 1.2 * 100)


def test_without_a_torso_or_when_too_large_it_looks_at_all():
    whole = Square.around_all(640, 480)
    assert (whole.x, whole.y, whole.side) == (0, -80, 640)
    for unsure in (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")):
        assert Square.next(person(**dict.fromkeys(unsure, (100, 100, 0.1))), 640, 480) == whole
    assert Square.next(person(left_ankle=(500, 100, 0.9)), 640, 480) == whole


def test_a_square_is_cropped_and_its_points_are_placed():
    image = np.zeros((300, 400, 3), np.uint8)
    cv2.circle(image, (150, 120), 4, (255, 255, 255), cv2.FILLED)
    crop = np.empty((192, 192, 3), np.uint8)
    square = Square(100, 50, 120)
    square.crop(image, crop)
    middle = np.argwhere(crop[..., 0] > 128).mean(axis=0)[::-1] + 0.5
    np.testing.assert_allclose(square.place(middle[None] / 192), [[150.5, 120.5]], atol=0.3)
    Square(-60, -60, 120).crop(image, crop)
    assert not crop[:90].any() and not crop[:, :90].any()  # beyond the picture it is black


@pytest.mark.parametrize("name", NAMES)
def test_in_the_mirror_the_same_person_is_found(demo, name):
    with VideoReader(demo) as video:
        image = next(frame for frame in video if frame.index == 110).small(640)
    with MoveNet(fetch(name), mode="image") as movenet:
        square = Square.next(movenet.look(image, Square.around_all(*image.shape[1::-1])), *image.shape[1::-1])
        plain, mirrored = movenet.look(image, square), movenet.look(image, square, mirrored=True)
        other = Square(640 - square.x - square.side, square.y, square.side)
        flipped = movenet.look(np.ascontiguousarray(image[:, ::-1]), other)
    assert np.median(np.linalg.norm(plain.xy - mirrored.xy, axis=1)) < 3
    np.testing.assert_allclose(flipped.xy[MIRRORED] * (-1, 1) + (640, 0), mirrored.xy, atol=1.5)


def test_the_filter_by_hand():
    smooth = KeypointFilter()
    at = [np.full((17, 2), value) for value in (0.5, 0.6, 0.7)]
    assert smooth(at[0], 0)[0, 0] == 0.5  # at 0 ms nothing is kept
    assert smooth(at[1], 100)[0, 0] == 0.6
    speed_alpha = 1 / (1 + 10 / (2 * np.pi * 2.5))
    speed = speed_alpha * 0.1 * 10  # the first one is taken as it is: 0
    cutoff, jump = 2.5 + 300 * speed, 0.5 + 5 * speed
    alpha = 1 / (1 + 10 / (2 * np.pi * cutoff))
    assert smooth(at[2], 200)[0, 0] == pytest.approx(0.6 + alpha * jump * np.arcsinh(0.1 / jump))
    assert smooth(at[0], 200)[0, 0] == 0.5  # no later than the last one


def test_the_pose_score_is_of_the_keypoints_that_count():
    assert pose_score(Keypoints(np.zeros((17, 2)), np.array([0.5, 0.3] + [0.1] * 15))) == pytest.approx(0.4)
    assert pose_score(Keypoints(np.zeros((17, 2)), np.full(17, 0.2))) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_video(demo, tmp_path, name):
    """Somebody is found in nearly every frame, and the document says by what and what a score means."""
    process_video(demo, json=tmp_path / "a.json", options=Options(model=name))
    meta, frames = read_document(tmp_path / "a.json")
    assert (meta["model_family"], meta["model_size"], meta["engine"]) == ("MoveNet", MODELS[name].size, "openvino")
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["confidence_convention"].startswith("Per-keypoint 'score' is the network's own confidence")
    assert np.mean([bool(frame.persons) for frame in frames]) > 0.9


def test_nobody_is_there_in_noise_and_the_next_frame_is_looked_at_anew():
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    with MoveNet(fetch("movenet-lightning")) as movenet:
        assert movenet.detect(noise, 0) == [] and movenet._track is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"engine": "mediapipe"}, "movenet-lightning: mediapipe cannot run it; use --engine openvino"),
        ({"world": True}, "MoveNet finds 17 keypoints; leave --landmarks out"),
        ({"num_poses": 2, "mode": "image"}, "MoveNet finds one person"),
        ({"device": "NPU"}, "--device NPU: OpenVINO finds none here; use --device CPU"),
        ({"mode": "stream"}, "mode must be one of image, video"),
    ],
)
def test_what_it_cannot_do_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        open_estimator(**{"model": "movenet-lightning", "engine": "openvino"} | wrong)
    with pytest.raises(ValueError, match="movenet-thumder: unknown model; known are blazepose-lite"):
        open_estimator(model="movenet-thumder")


def test_files_that_were_fetched_by_hand(tmp_path, demo):
    """The .json with its .bin beside it; and what is none."""
    import zipfile

    with zipfile.ZipFile(fetch("movenet-lightning")) as pack:
        (tmp_path / "my.json").write_bytes(pack.read("model.json"))
        (tmp_path / "my.bin").write_bytes(pack.read("weights.bin"))
    with VideoReader(demo) as video:
        image = next(iter(video)).small(640)
    with open_estimator(model_path=tmp_path / "my.json", mode="image") as mine:
        with open_estimator(model="movenet-lightning", mode="image") as theirs:
            np.testing.assert_array_equal(mine(image)[0].keypoints.xy, theirs(image)[0].keypoints.xy)
    (tmp_path / "my.bin").write_bytes(b"short")
    with pytest.raises(ValueError, match=r"my\.json: not a graph model of MoveNet, or damaged"):
        open_estimator(model_path=tmp_path / "my.json")
