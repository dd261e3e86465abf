"""How pictures are put to a model: what is read, where is looked, what becomes a result."""

import cv2
import numpy as np
import pytest
from people import person

from posecore.coco import LANDMARK_NAMES, to_coco
from posecore.estimator import PoseEstimator, open_estimator
from posecore.evaluation.instance_score import INSTANCE_SCORES, instance_score
from posecore.evaluation.oks import oks
from posecore.evaluation.protocol import Setting, coco_result, find_in_box, find_people, padded_box, read_picture
from posecore.pose import Landmarks


class Standing:
    """A landmarker that sees one person in the middle of any picture, and keeps the pictures."""

    def __init__(self):
        self.seen = []

    def detect(self, image, timestamp_ms=None):
        self.seen.append(image)
        n = len(LANDMARK_NAMES)
        xyz = np.full((n, 3), 0.5, np.float32)
        return [Landmarks(xyz, np.linspace(0, 1, n, dtype=np.float32), np.full(n, 0.9, np.float32))]

    def close(self):
        pass


@pytest.fixture
def standing():
    return PoseEstimator(Standing(), max_side=0)


def picture(width=60, height=40):
    """Every pixel tells its place: red is x, green is y."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x, y, 0 * x], axis=2).astype(np.uint8)


@pytest.fixture
def jpeg(tmp_path):
    """A JPEG of 60×40 pixels, red on the left and blue on the right, and its COCO record."""
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, :30, 2] = image[:, 30:, 0] = 255  # BGR
    assert cv2.imwrite(str(tmp_path / "a.jpg"), image)
    return tmp_path / "a.jpg", {"file_name": "a.jpg", "width": 60, "height": 40}


def test_a_picture_is_rgb(jpeg):
    path, record = jpeg
    image = read_picture(path.parent, record)
    assert image.shape == (40, 60, 3) and image.dtype == np.uint8
    assert image[20, 5, 0] > 200 > 50 > image[20, 5, 2] and image[20, 55, 2] > 200


def test_an_orientation_tag_is_not_applied(jpeg):
    """COCO's labels are in stored pixels."""
    path, record = jpeg
    exif = (
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    )
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    plain = path.read_bytes()
    path.write_bytes(plain[:2] + segment + plain[2:])
    assert cv2.imread(str(path)).shape == (60, 40, 3)  # what everyone else gets
    assert read_picture(path.parent, record).shape == (40, 60, 3)


def test_a_grey_picture_has_three_channels(tmp_path):
    assert cv2.imwrite(str(tmp_path / "grey.jpg"), np.full((4, 6), 77, np.uint8))
    image = read_picture(tmp_path, {"file_name": "grey.jpg", "width": 6, "height": 4})
    assert image.shape == (4, 6, 3) and (image == 77).all()


def test_a_record_need_not_say_the_size(jpeg):
    path, _ = jpeg
    for record in ({}, {"width": None, "height": None}, {"width": 1}):
        assert read_picture(path.parent, {"file_name": "a.jpg"} | record).shape == (40, 60, 3)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda path: path.unlink(), OSError, "cannot be read"),
        (lambda path: path.write_bytes(b""), ValueError, "not a picture, or cut off"),
        (lambda path: path.write_bytes(b"<html>not found</html>"), ValueError, "not a picture, or cut off"),
        (lambda path: path.write_bytes(path.read_bytes()[:-300]), ValueError, "not a picture, or cut off"),
        (lambda path: cv2.imwrite(str(path), picture(61, 40)), ValueError, "is 61×40, the annotations say 60×40"),
    ],
)
def test_pictures_that_cannot_be_used(jpeg, change, error, message):
    path, record = jpeg
    change(path)
    with pytest.raises(error, match=rf"a\.jpg: {message}"):
        read_picture(path.parent, record)


@pytest.mark.parametrize(
    ("box", "padding", "expected"),
    [
        ((100, 100, 40, 80), 0.25, (95, 90, 145, 190)),
        ((100, 100, 40, 80), 0, (100, 100, 140, 180)),
        ((100.4, 100.6, 40, 80), 0, (100, 100, 141, 181)),  # rounded outwards
        ((2, 3, 40, 80), 0.5, (0, 0, 52, 103)),  # cut at the picture
        ((600, 400, 40, 80), 1, (580, 360, 640, 480)),
        ((10, 10, 0, 0), 0.25, (10, 10, 11, 11)),  # at least a pixel
        ((700, 500, 10, 10), 0.25, (639, 479, 640, 480)),
    ],
)
def test_padded_box(box, padding, expected):
    assert padded_box(box, padding, 640, 480) == expected


def test_a_box_is_cut_out_and_keypoints_come_back_into_the_whole_picture(standing):
    (found,) = find_in_box(standing, picture(), (20, 10, 16, 8), 0.25)
    (seen,) = standing.model.seen
    assert seen.shape == (10, 20, 3) and seen[0, 0].tolist() == [18, 9, 0]
    assert found.keypoints.xy == pytest.approx(np.tile([28.0, 14.0], (17, 1)))
    assert found.box == pytest.approx([28, 14, 28, 14]) and found.landmarks.xyz[0, 0] == 0.5


def test_protocols(standing):
    people = [person(x=5, y=5, size=10), person(x=30, y=5, size=10), person(iscrowd=1), person(v=0)]
    assert len(find_people(standing, picture(), people, Setting())) == 1
    assert standing.model.seen.pop().shape == (40, 60, 3)
    boxed = find_people(standing, picture(), people, Setting(protocol="box", box_padding=0))
    assert [found.keypoints.xy[0].tolist() for found in boxed] == [[10, 10], [35, 10]]
    assert find_people(standing, picture(), [], Setting(protocol="box")) == []


def test_settings_that_cannot_be_done_are_refused():
    with pytest.raises(ValueError, match="crop: unknown protocol; known are image, box, region"):
        Setting(protocol="crop")
    with pytest.raises(ValueError, match="protocol box: in a true box there is one person to find; leave --people"):
        Setting(protocol="box", num_poses=2)
    with pytest.raises(ValueError, match="mediapipe cannot be told where to look; use --engine openvino"):
        Setting(protocol="region", engine="mediapipe")


def test_a_smaller_picture_gives_keypoints_of_the_full_one():
    small = PoseEstimator(Standing(), max_side=30)
    (found,) = find_people(small, picture(), [], Setting())
    assert small.model.seen[0].shape == (20, 30, 3)
    assert found.keypoints.xy == pytest.approx(np.tile([30.0, 20.0], (17, 1)))


@pytest.mark.parametrize("name", ["rms-visibility", "mean-max"])
def test_a_result(standing, name):
    (found,) = find_people(standing, picture(), [], Setting())
    record = coco_result(7, found, name)
    assert list(record) == ["image_id", "category_id", "keypoints", "score"]  # a bbox would change AP by size
    assert (record["image_id"], record["category_id"], len(record["keypoints"])) == (7, 1, 51)
    assert record["keypoints"][:2] == [30, 20]
    assert record["keypoints"][2::3] == pytest.approx(found.keypoints.score, abs=1e-4)
    assert record["score"] == pytest.approx(instance_score(found.landmarks, name), abs=1e-6)


def test_a_real_person(made, lite):
    """The poses of both protocols lie on the person, who walks there alone."""
    record = {"file_name": "person.jpg", "width": 1000, "height": 667}
    image = read_picture((made / "person.jpg").parent, record)
    with open_estimator(complexity=0, mode="image", max_side=0) as estimator:
        (whole,) = find_people(estimator, image, [], Setting())
        low, high = whole.box[:2], whole.box[2:]
        someone = {"bbox": [*low, *(high - low)], "num_keypoints": 17, "keypoints": []}
        (boxed,) = find_people(estimator, image, [someone], Setting(protocol="box", box_padding=1))
    assert np.array_equal(whole.keypoints.xy, to_coco(whole.landmarks, 1000, 667).xy)
    truth = np.column_stack([whole.keypoints.xy, np.full(17, 2)])
    assert oks(boxed.keypoints.xy, truth, np.prod(high - low) / 2) > 0.8
    assert all(0 <= instance_score(whole.landmarks, name) <= 1 for name in INSTANCE_SCORES)


def test_a_region_looks_around_the_box_without_the_detector(made, lite):
    """The box of the whole body, as landmarks tell it, gives nearly the pose that the detector leads to."""
    image = cv2.cvtColor(cv2.imread(str(made / "person.jpg")), cv2.COLOR_BGR2RGB)
    with open_estimator("openvino", 0, mode="image", max_side=0) as estimator:
        (found,) = find_people(estimator, image, [], Setting())
        xy = found.landmarks.xyz[:, :2] * [image.shape[1], image.shape[0]]
        low, high = xy.min(axis=0), xy.max(axis=0)
        someone = {"bbox": [*low, *(high - low)], "num_keypoints": 17, "keypoints": []}
        for max_side in (0, 400):
            estimator.max_side = max_side
            (boxed,) = find_people(estimator, image, [someone], Setting(protocol="region", engine="openvino"))
            truth = np.column_stack([found.keypoints.xy, np.full(17, 2)])
            assert oks(boxed.keypoints.xy, truth, np.prod(high - low) / 2) > 0.8


def test_mediapipe_cannot_be_told_where_to_look(standing):
    with pytest.raises(ValueError, match="needs the engine openvino"):
        someone = {"bbox": [0, 0, 9, 9], "num_keypoints": 3, "keypoints": []}
        find_people(standing, picture(), [someone], Setting(protocol="region", engine="openvino"))
