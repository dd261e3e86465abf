"""Both engines: what each must do, and that they are the same."""

import json
import re
import subprocess
import sys
import zipfile

import cv2
import numpy as np
import pytest
from parity import compare_images, compare_video

from posecore.assets import fetch
from posecore.estimator import open_estimator
from posecore.models import BlazePoseLandmarker, MediaPipeLandmarker
from posecore.options import ENGINES
from posecore.video import VideoReader

both_engines = pytest.mark.parametrize("engine", [MediaPipeLandmarker, BlazePoseLandmarker])


def picture(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def golden_landmarks(path):
    """(33, 3) x, y normalised, visibility: the text form of MediaPipe's own expected result."""
    text = path.read_text().split("world_landmarks")[0]
    values = {
        name: [float(v) for v in re.findall(rf"\b{name}: (-?[\d.e-]+)", text)] for name in ("x", "y", "visibility")
    }
    return np.stack([values[name][:33] for name in ("x", "y", "visibility")], axis=1)


@both_engines
def test_googles_golden_picture(engine, videos):
    """pose.jpg: the Tasks API's own test, whose margin is 0.03 of the picture."""
    expected = golden_landmarks(videos / "pose.landmarks.pbtxt")
    with engine(fetch("full"), mode="image") as landmarker:
        (person,) = landmarker.detect(picture(videos / "pose.jpg"))
    error = np.abs(person.xyz[:, :2] - expected[:, :2])
    print(f"pose.jpg: largest error {error.max():.4f} of the picture, mean {error.mean():.4f}")
    assert error.max() < 0.03


@pytest.mark.slow
@both_engines
def test_googles_golden_video(engine, videos):
    """pose_squats.mp4, full model: 65 frames × 33 landmarks, each coordinate within Google's tolerance of 31 px.

    The expected ones were made by feeding the 5 frames/s clip as if it were 30 frames/s, which the smoothing notices.
    """
    expected = np.array(json.loads((videos / "pose_squats.full.json").read_text()))[..., :2]
    found = []
    with VideoReader(videos / "pose_squats.mp4") as video, engine(fetch("full")) as landmarker:
        size = np.array([video.info.width, video.info.height])
        for frame in video:
            (person,) = landmarker.detect(frame.image, round(frame.index * 1000 / 30))
            found.append(person.xyz[:, :2] * size)
    error = np.abs(np.array(found) - expected)
    print(f"pose_squats: error {np.median(error):.1f} px median, {error.max():.1f} px largest, 65 × 33 landmarks")
    assert error.shape == (65, 33, 2)
    assert error.max() < 31


@pytest.mark.parametrize("engine", ENGINES)
def test_keypoints_are_in_pixels_of_the_picture_given(engine, made):
    image = picture(made / "person.jpg")
    places = []
    for max_side in (0, 640, 320):
        with open_estimator(engine, complexity=0, mode="image", max_side=max_side) as estimator:
            (person,) = estimator(image)
        places.append(person.keypoints.xy)
        assert 0.9 < person.keypoints.score.mean() <= 1
    assert np.median(np.linalg.norm(places[1] - places[0], axis=1)) < 5
    assert np.median(np.linalg.norm(places[2] - places[0], axis=1)) < 10


@both_engines
def test_timestamps_may_stand_still_but_must_be_given(engine, lite):
    blank = np.zeros((64, 64, 3), np.uint8)
    with engine(lite) as landmarker:
        assert [landmarker.detect(blank, ms) for ms in (0, 0, 0, 5, 5)] == [[]] * 5
        with pytest.raises(ValueError, match="timestamp_ms is missing"):
            landmarker.detect(blank)


@pytest.mark.parametrize("engine", ENGINES)
def test_several_people(engine, made):
    """One in the left half of the picture, one in the right half, none twice."""
    with VideoReader(made / "two_people.mp4") as video:
        image = next(iter(video)).image
    with open_estimator(engine, complexity=0, mode="image", max_side=0, num_poses=4) as estimator:
        people = estimator(image)
    left, right = sorted(person.keypoints.xy[:, 0].tolist() for person in people)
    assert max(left) < 300 < min(right)


@pytest.mark.parametrize("engine", ENGINES)
def test_several_people_of_a_real_video(engine, videos):
    with VideoReader(videos / "multi_person_demo.mp4") as video:
        image = next(iter(video)).image
    with open_estimator(engine, complexity=0, mode="image", max_side=0, num_poses=4) as estimator:
        people = estimator(image)
    assert len(people) >= 2
    noses = np.array([person.keypoints.xy[0] for person in people])
    assert np.linalg.norm(noses[0] - noses[1]) > 50


@both_engines
def test_a_bundle_that_is_none_is_refused(engine, tmp_path, lite):
    damaged, other, swapped, text = (tmp_path / f"{name}.task" for name in ("damaged", "other", "swapped", "text"))
    content = bytearray(lite.read_bytes())
    content[4_000_000:4_000_100] = bytes(100)
    damaged.write_bytes(content)
    text.write_text("no model")
    with zipfile.ZipFile(lite) as source, zipfile.ZipFile(other, "w") as target:
        target.writestr("hand_detector.tflite", source.read("pose_detector.tflite"))
    with zipfile.ZipFile(lite) as source, zipfile.ZipFile(swapped, "w") as target:
        target.writestr("pose_detector.tflite", source.read("pose_landmarks_detector.tflite"))
        target.writestr("pose_landmarks_detector.tflite", source.read("pose_detector.tflite"))
    for path in (damaged, other, swapped, text):
        with (
            pytest.raises(ValueError, match=rf"{path.name}: not a PoseLandmarker \.task bundle"),
            engine(path, mode="image") as landmarker,
        ):
            landmarker.detect(np.zeros((64, 64, 3), np.uint8))


@both_engines
def test_what_an_engine_cannot_do_is_refused(engine, lite):
    with pytest.raises(ValueError, match=r"--device NPU: .*; use --device CPU"):
        engine(lite, device="NPU")
    with pytest.raises(ValueError, match="mode must be one of image, video, got stream"):
        engine(lite, mode="stream")


@pytest.mark.parametrize(
    ("engine", "absent", "wanted"), [("mediapipe", "openvino", "mediapipe"), ("openvino", "mediapipe", "openvino")]
)
def test_each_engine_works_where_the_other_is_not_installed(made, engine, absent, wanted):
    code = (
        f"import sys; sys.modules[{absent!r}] = None; import cv2; from posecore import open_estimator; "
        f"image = cv2.imread({str(made / 'person.jpg')!r}); "
        f"print(len(open_estimator({engine!r}, 0, mode='image')(image)), {wanted!r} in sys.modules); "
        f"open_estimator({absent!r}, 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "1 True\n"
    assert f"ValueError: engine {absent}: is not installed" in done.stderr
    assert f"pip install {absent}" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_the_native_engine_is_mediapipe_on_single_pictures(coco, name):
    """The bounds of a hundred COCO pictures are those of all 490, which bench/parity.py compares."""
    files = sorted((coco / "val2017").glob("*.jpg"))[:100]
    parities, _ = compare_images(fetch(name), lambda: map(picture, files))
    parity = parities["openvino"]
    print(name, parity)
    assert parity.same >= 0.995
    assert parity.median <= 0.02 and parity.p99 <= 0.6 and parity.confidence <= 0.005


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_the_native_engine_is_mediapipe_on_a_video(made, name):
    check_parity_on_a_video(name, made / "one_person.mp4")


@pytest.mark.slow
def test_the_native_engine_is_mediapipe_on_a_real_video(videos):
    check_parity_on_a_video("full", videos / "pose_squats.mp4")


def check_parity_on_a_video(name, path):
    """Tracked and smoothed, 65 frames; the yardstick is MediaPipe with noise of ±1 on the pixels."""
    parities = compare_video(fetch(name), path)
    native, yardstick = parities["openvino"], parities["noise"]
    print(name, native, yardstick)
    assert native.same >= 0.985 and native.first <= 0.02
    assert native.median <= 1.25 * yardstick.median and native.p99 <= 1.25 * yardstick.p99


QUIET = """
import numpy, cv2
from posecore import open_estimator
image = cv2.imread({picture!r})[..., ::-1]
with open_estimator(complexity=0, mode="image") as estimator:
    for picture in (numpy.zeros((64, 64, 3), "uint8"), image, image):
        found = estimator(picture)
    print(len(found))
"""


def test_a_library_user_sees_no_chatter(made):
    code = QUIET.format(picture=str(made / "person.jpg"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
