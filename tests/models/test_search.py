"""The person finder, and what it helps the models to find."""

import cv2
import numpy as np
import pytest
from media import cut

from posecore import Options, VideoReader, open_estimator, process_video
from posecore.assets import fetch
from posecore.models import MODELS, BlazePoseLandmarker, MoveNet
from posecore.models.blazepose.in_box import enlarged
from posecore.models.blazepose.roi import Roi
from posecore.models.person_finder import EVERY, PersonFinder, SparseFinder
from posecore.pose import Keypoints, Person
from posecore.similarity import iou, similarity, suppress


@pytest.fixture(scope="module")
def two_people(demo):
    """A woman who leaves at the left and a man in the middle, 1768×994; their boxes, by eye, x0, y0, x1, y1."""
    with VideoReader(demo) as video:
        image = next(frame for frame in video if frame.index == 190).image
    return image, np.array([(0, 516, 228, 948), (1000, 500, 1128, 910)], np.float32)


@pytest.mark.parametrize("side", [320, 416, 640])
def test_the_finder_finds_both(two_people, side):
    image, truth = two_people
    with PersonFinder(fetch("finder"), side) as finder:
        boxes, scores = finder(image, 0.2)
    assert 2 <= len(boxes) <= 4 and (np.diff(scores) <= 0).all() and (scores >= 0.2).all()
    for person in truth:
        assert iou(boxes, person).max() > 0.6


def test_the_finders_golden_box(videos):
    """pose.jpg: x y w h = 237.9 248.3 535.1 398.7 in another runtime, and with another way to shrink the picture."""
    image = cv2.cvtColor(cv2.imread(str(videos / "pose.jpg")), cv2.COLOR_BGR2RGB)
    with PersonFinder(fetch("finder")) as finder:
        ((box,), (score,)) = finder(image)
    assert iou(box[None], np.array([237.9, 248.3, 773.0, 647.0], np.float32))[0] > 0.95
    assert score > 0.5


@pytest.mark.parametrize(("height", "width"), [(40, 600), (600, 40), (33, 35)])
def test_boxes_never_leave_the_picture(height, width):
    noise = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    with PersonFinder(fetch("finder"), 320) as finder:
        boxes, scores = finder(noise, 0.001)
    assert len(boxes) and (boxes[:, :2] >= 0).all() and (boxes[:, 2:] <= (width, height)).all()
    assert (boxes[:, 2:] > boxes[:, :2]).all() and (scores <= 1).all()


def test_for_a_video_it_looks_at_no_bars(two_people):
    """Upright and lying frames alike, also one after the other; the same people with scores within 0.15."""
    image, _ = two_people
    with PersonFinder(fetch("finder")) as finder, PersonFinder(fetch("finder"), video=True) as fitting:
        for picture, size in ((image, (256, 416)), (np.ascontiguousarray(image[:, 900:1400]), (416, 224))):
            (boxes, scores), (fitted, fitted_scores) = finder(picture, 0.4), fitting(picture, 0.25)
            assert fitting._run.picture.shape[:2] == size
            assert len(boxes)
            for box, score in zip(boxes, scores, strict=True):
                over = iou(fitted, box)
                assert over.max() > 0.8 and fitted_scores[over.argmax()] == pytest.approx(score, abs=0.15)


def test_a_side_that_it_cannot_have_is_refused():
    with pytest.raises(ValueError, match="side must be one of 320, 416, 512, 640, got 300"):
        PersonFinder(fetch("finder"), 300)


@pytest.mark.parametrize("name", MODELS)
def test_everyone_is_found_with_it(two_people, name):
    """By every model both, each inside its box, the surest first; alone, the surest of them."""
    image, truth = two_people
    with open_estimator("openvino", model=name, mode="image", max_side=0, search=True, num_poses=0) as estimator:
        everyone = estimator(image)
    scores = [person.score for person in everyone]
    assert scores == sorted(scores, reverse=True) and 0 < scores[0] <= 1
    for box in truth:
        low, high = box[:2] - 40, box[2:] + 40
        places = [person.keypoints.xy for person in everyone[:3]]
        assert max(((xy > low) & (xy < high)).all(axis=1).mean() for xy in places) > 0.85, box
    with open_estimator("openvino", model=name, mode="image", max_side=0, search=True) as estimator:
        (surest,) = estimator(image)
    np.testing.assert_array_equal(surest.keypoints.xy, everyone[0].keypoints.xy)


def somebody(x, score):
    xy = np.column_stack([np.linspace(x, x + 100, 17), np.linspace(0, 200, 17)]).astype(np.float32)
    return Person.around(Keypoints(xy, np.full(17, 0.9, np.float32)), score)


def test_the_same_person_is_given_once():
    near, same, far = somebody(0, 0.5), somebody(2, 0.9), somebody(300, 0.3)
    assert similarity(near, near, 1e4) == 1 and similarity(near, far, 1e4) < 0.01 < 0.9 < similarity(near, same, 1e4)
    assert [person.score for person in suppress([near, same, far], [1e4] * 3, 0.6)] == [0.9, 0.3]


def test_a_region_of_a_part_is_one_of_the_whole():
    part = Roi(*np.float32([0.5, 0.5, 0.4, 0.2, 0.3]))
    whole = part.moved((100, 50), (200, 400), (800, 600))
    assert (whole.x * 800, whole.y * 600) == pytest.approx((200, 250))
    assert (whole.width * 800, whole.height * 600, whole.rotation) == pytest.approx((80, 80, 0.3))


def test_a_box_is_enlarged_within_the_picture():
    assert enlarged(np.float32([100, 100, 200, 300]), 640, 480) == (75, 50, 225, 350)
    assert enlarged(np.float32([0, 0, 100, 100]), 110, 480) == (0, 0, 110, 125)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "mediapipe"}, "--search: mediapipe cannot be told where to look"),
        ({"mirror": True}, "--mirror: is for MoveNet"),
    ],
)
def test_what_it_cannot_do_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        open_estimator(**{"engine": "openvino", "mode": "image", "search": True} | options)
    with pytest.raises(ValueError, match="--people: mediapipe cannot be told where to look; use --engine openvino"):
        open_estimator(engine="mediapipe", num_poses=0)


def test_everyone_needs_a_search():
    with pytest.raises(ValueError, match="everyone is found with search"):
        open_estimator(mode="image", num_poses=0)


class Boxes:
    """In the place of a finder: it knows one box, and counts how often it is asked."""

    def __init__(self, box):
        self.box, self.asked = np.float32([box]), 0

    def __call__(self, image, min_score):
        self.asked += 1
        return self.box, np.float32([0.9])

    def close(self):
        self.closed = True


def test_in_a_video_it_looks_at_every_eighth_empty_frame():
    boxes = Boxes([0, 0, 10, 20])
    finder = SparseFinder(boxes)
    looked = [finder(np.zeros((20, 20, 3), np.uint8)) is not None for _ in range(3 * EVERY)]
    assert [n for n, there in enumerate(looked) if there] == [0, EVERY, 2 * EVERY] and boxes.asked == 3


@pytest.fixture(scope="module")
def far_away(demo):
    """The woman of frame 170, 60 pixels high, on grey of 640×480; and her box there."""
    with VideoReader(demo) as video:
        image = next(frame for frame in video if frame.index == 170).image[498:970, 135:473]
    small = cv2.resize(np.ascontiguousarray(image), (43, 60), interpolation=cv2.INTER_AREA)
    picture = np.full((480, 640, 3), 128, np.uint8)
    picture[300:360, 500:543] = small
    return picture, [500, 300, 543, 360]


@pytest.mark.parametrize("model", [BlazePoseLandmarker, MoveNet])
def test_in_a_video_whom_the_model_misses_is_found_in_the_finders_box_and_followed(far_away, lite, model):
    picture, box = far_away
    path = fetch("movenet-lightning") if model is MoveNet else lite
    with model(path) as alone:
        assert [len(alone.detect(picture, 40 * n)) for n in range(3)] == [0, 0, 0]
    boxes = Boxes(box)
    with model(path, finder=SparseFinder(boxes)) as helped:
        found = [helped.detect(picture, 40 * n) for n in range(EVERY)]
    assert all(len(people) == 1 for people in found) and boxes.asked == 1 and boxes.closed
    for (person,) in found:
        xy = person.keypoints.xy if model is MoveNet else person.xyz[:, :2] * (640, 480)
        assert np.abs(np.median(xy, axis=0) - (521, 330)).max() < 15


def test_a_video_of_people_who_are_found_anyway_is_the_same_with_it(demo, tmp_path):
    cut(demo, tmp_path / "walk.mp4", 100, 20, width=640)
    for search in (False, True):
        process_video(tmp_path / "walk.mp4", json=tmp_path / f"{search}.json", options=Options(search=search))
    assert (tmp_path / "True.json").read_bytes() == (tmp_path / "False.json").read_bytes()
