"""The parts of the native engine, each against its definition."""

import math
import os
import shutil
from collections import OrderedDict
from contextlib import closing

import cv2
import numpy as np
import pytest

from posecore.assets import cache_folder, fetch
from posecore.models import BlazePoseLandmarker
from posecore.models.blazepose.detector import ANCHORS, Detector, decode, suppress, without_bars
from posecore.models.blazepose.landmark_network import refine
from posecore.models.blazepose.regions import BlazePoseInRegions
from posecore.models.blazepose.roi import MARGIN, Roi
from posecore.models.blazepose.smoothing import PICTURE, Smoother
from posecore.one_euro import LowPass, OneEuro
from posecore.video import VideoReader


def test_anchors_are_the_centres_of_all_cells():
    assert ANCHORS.shape == (2254, 2)  # 28² × 2, 14² × 2, and three layers of 7² × 2 in one
    np.testing.assert_allclose(ANCHORS[:3], [[0.5 / 28, 0.5 / 28]] * 2 + [[1.5 / 28, 0.5 / 28]])
    np.testing.assert_allclose(ANCHORS[28 * 28 * 2], [0.5 / 14, 0.5 / 14])
    np.testing.assert_allclose(ANCHORS[-6:], [[6.5 / 7, 6.5 / 7]] * 6)


def test_boxes_are_decoded_from_their_anchors():
    values = np.array([[22.4, 0, 44.8, 89.6, 0, 0, 0, -22.4, 11.2, 0, 0, 11.2]], np.float32)
    (box,) = decode(values, np.array([[0.5, 0.5]], np.float32))
    expected = [[0.5, 0.3], [0.7, 0.7], [0.5, 0.5], [0.5, 0.4], [0.55, 0.5], [0.5, 0.55]]
    np.testing.assert_allclose(box, expected, atol=1e-6)


def boxes(*corners):
    """Boxes whose four points all lie in the low corner."""
    return np.array([[(x0, y0), (x1, y1), *[(x0, y0)] * 4] for x0, y0, x1, y1 in corners], np.float32)


def test_doubles_are_averaged_by_score_and_others_stay():
    found = boxes((0.1, 0.1, 0.5, 0.5), (0.6, 0.6, 0.9, 0.9), (0.14, 0.1, 0.54, 0.5))
    people = suppress(found, np.array([0.6, 0.7, 0.9], np.float32))
    assert [round(score, 3) for score, _ in people] == [0.9, 0.7]
    np.testing.assert_allclose(people[0][1], [[(0.1 * 0.6 + 0.14 * 0.9) / 1.5, 0.1]] * 4, rtol=1e-6)
    np.testing.assert_allclose(people[1][1], [[0.6, 0.6]] * 4, rtol=1e-6)
    assert suppress(found[:0], np.zeros(0, np.float32)) == []


@pytest.mark.parametrize(("dx", "dy", "degrees"), [(0, -50, 0), (50, 0, 90), (0, 50, -180), (-50, 0, -90)])
def test_a_region_turns_so_that_the_body_points_up(dx, dy, degrees):
    size = 400, 200
    region = Roi.around(normal([200, 100], size), normal([200 + dx, 100 + dy], size), size)
    assert (region.x, region.y) == (0.5, 0.5)
    assert (region.width * 400, region.height * 200) == pytest.approx((2 * 50 * MARGIN, 2 * 50 * MARGIN))
    assert region.side(size) == pytest.approx(2 * 50 * MARGIN)
    assert math.degrees(region.rotation) == pytest.approx(degrees, abs=1e-4)
    up = np.array([[0.5, 0.5 - 0.5 / MARGIN]], np.float32)
    np.testing.assert_allclose(region.place(up) * size, [[200 + dx, 100 + dy]], atol=1e-3)


def normal(xy, size):
    return (np.array(xy) / size).astype(np.float32)


def test_crop_and_place_undo_each_other():
    image = np.zeros((300, 400, 3), np.uint8)
    cv2.circle(image, (230, 120), 4, (255, 255, 255), cv2.FILLED)
    region = Roi(*np.float32([220 / 400, 130 / 300, 100 / 400, 100 / 300, 0.7]))
    crop = np.empty((256, 256, 3), np.uint8)
    region.crop(image, crop)
    middle = np.argwhere(crop[..., 0] > 128).mean(axis=0)[::-1] + 0.5
    placed = region.place(normal(middle, 256)[None]) * [400, 300]
    np.testing.assert_allclose(placed, [[230.5, 120.5]], atol=0.6)


@pytest.mark.parametrize("exact", [True, False])
def test_beyond_the_border_a_crop_repeats_the_last_pixels(exact):
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, 0] = 77
    crop = np.empty((64, 64, 3), np.uint8)
    Roi(*np.float32([0, 0.5, 0.5, 0.5])).crop(image, crop, exact)
    assert (crop[:, :30] == 77).all() and (crop[:, 40:] == 0).all()


def test_overlap_of_regions():
    def square(x, side):
        return Roi(*np.float32([x, 0.5, side, side]))

    a = square(0.5, 0.2)
    assert a.overlap(a) == pytest.approx(1)
    assert a.overlap(square(0.6, 0.2)) == pytest.approx(1 / 3)
    assert a.overlap(square(0.5, 0.1)) == pytest.approx(0.25)
    assert a.overlap(square(0.75, 0.2)) == 0


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (500, 500)])
def test_the_bars_around_a_picture_are_taken_off(width, height):
    side = max(width, height)
    corners = np.array([[(side - width) / 2, (side - height) / 2], [(side + width) / 2, (side + height) / 2]])
    np.testing.assert_allclose(without_bars(normal(corners, side), width, height), [[0, 0], [1, 1]], atol=1e-6)


def refined_by_definition(x, y, heat):
    """One landmark, cell by cell, as MediaPipe's calculator is documented."""
    cells = heat.shape[0]
    column, row = int(x * cells), int(y * cells)
    if not 0 <= column < cells or row < 0:
        return x, y
    weights = {
        (c, r): 1 / (1 + math.exp(-heat[r, c]))
        for r in range(max(0, row - 3), min(cells, row + 4))
        for c in range(max(0, column - 3), min(cells, column + 4))
    }
    if not weights or max(weights.values()) < 0.5:
        return x, y
    mass = sum(weights.values())
    moved = [sum(w * cell[axis] for cell, w in weights.items()) / mass / cells for axis in (0, 1)]
    return moved[0], moved[1]


def test_refinement_is_the_centre_of_mass_of_the_heat():
    rng = np.random.default_rng(0)
    xy = rng.uniform(-0.15, 1.15, (300, 2)).astype(np.float32)
    heat = rng.normal(-6, 4, (64, 64, 300)).astype(np.float32)
    heat[..., ::3] = -9  # nowhere sure: these stay where they are
    expected = [refined_by_definition(*map(float, xy[k]), heat[..., k]) for k in range(300)]
    np.testing.assert_allclose(refine(xy, heat), expected, atol=2e-6)
    np.testing.assert_array_equal(refine(xy, heat)[::3], xy[::3])


def test_low_pass():
    smooth = LowPass()
    assert [float(smooth(np.array([v]), 0.1)[0]) for v in (1.0, 2.0, 2.0)] == pytest.approx([1.0, 1.1, 1.19])


def test_one_euro_follows_its_definition():
    """By hand: a step of 10 px after 0.1 s, an object of 100 px."""
    smooth = OneEuro(*PICTURE)
    assert smooth(np.array([50.0]), 40, 100)[0] == 50
    assert smooth(np.array([60.0]), 140, 100)[0] == pytest.approx(50 + step(10) * 10)


def test_a_time_of_0_is_no_time():
    """As in MediaPipe, which takes the frame after it for one of 30 per second."""
    smooth = OneEuro(*PICTURE)
    assert smooth(np.array([50.0]), 0, 100)[0] == 50
    assert smooth(np.array([60.0]), 100, 100)[0] == pytest.approx(50 + step(30) * 10)


def step(frequency):
    """The share of a step of 10 px that is followed at once."""
    alpha_speed = 1 / (1 + frequency / (2 * math.pi * 1.0))
    speed = alpha_speed * (10 / 100 * frequency)
    return 1 / (1 + frequency / (2 * math.pi * (0.05 + 80 * speed)))


def test_who_was_lost_begins_anew_but_for_the_visibility():
    smooth = Smoother()
    for ms, x in ((40, 10.0), (80, 20.0)):
        smooth(np.full((1, 3), x), np.array([1.0]), ms, 100)
    smooth.lost()
    xyz, visibility = smooth(np.full((1, 3), 90.0), np.array([0.0]), 160, 100)
    np.testing.assert_array_equal(xyz, np.full((1, 3), 90.0))
    assert visibility[0] == pytest.approx(0.9)


def test_still_things_are_held_still_and_fast_ones_are_followed():
    rng = np.random.default_rng(0)
    still, fast = OneEuro(*PICTURE), OneEuro(*PICTURE)
    noise = rng.normal(0, 0.2, 100)
    held = [float(still(np.array([v]), 33 * i, 500)[0]) for i, v in enumerate(noise)]
    assert np.std(held[50:]) < 0.5 * np.std(noise[50:])
    followed = [float(fast(np.array([20.0 * i]), 33 * i, 500)[0]) for i in range(30)]
    assert abs(followed[-1] - 580) < 10


def test_the_result_tells_how_sure_the_networks_are(made, lite):
    image = cv2.cvtColor(cv2.imread(str(made / "person.jpg")), cv2.COLOR_BGR2RGB)
    (detection,) = Detector(lite).request()(image)
    with BlazePoseLandmarker(lite, mode="image") as landmarker:
        (person,) = landmarker.detect(image)
        (again,) = landmarker.detect_in(image, [detection.roi])
        assert person.detection_confidence == pytest.approx(detection.score)
        assert 0.5 <= person.pose_confidence <= 1
        np.testing.assert_array_equal(again.xyz, person.xyz)
    with BlazePoseLandmarker(lite) as landmarker:
        first, second = (landmarker.detect(image, ms)[0] for ms in (0, 40))
        assert first.detection_confidence == pytest.approx(detection.score)
        assert second.detection_confidence is None and second.pose_confidence > 0.9


def test_a_box_can_say_where_to_look(made, lite):
    """Around all landmarks of the picture the same person is found, without the detector."""
    image = cv2.cvtColor(cv2.imread(str(made / "person.jpg")), cv2.COLOR_BGR2RGB)
    with BlazePoseLandmarker(lite, mode="image") as landmarker:
        (person,) = landmarker.detect(image)
        xy = person.xyz[:, :2] * [image.shape[1], image.shape[0]]
        (x0, y0), (x1, y1) = xy.min(axis=0), xy.max(axis=0)
        box = x0, y0, x1 - x0, y1 - y0
        (boxed,) = landmarker.detect_in(image, [Roi.around_box(box, (image.shape[1], image.shape[0]))])
        assert boxed.detection_confidence is None
        assert np.median(np.linalg.norm((boxed.xyz - person.xyz)[:, :2], axis=1)) < 0.02


def test_where_the_network_sees_nobody_no_keypoint_has_a_score(made, lite):
    image = cv2.cvtColor(cv2.imread(str(made / "person.jpg")), cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    with closing(BlazePoseInRegions(lite, threads=1)) as network:
        look = network.find(image, np.array([0, 0, width, height], np.float32))
        assert look.sure > network.seen and look.person.landmarks and look.person.keypoints.score.max() > 0.9
        empty = network.follow(np.full_like(image, 90), look, np.zeros(2, np.float32))
        assert empty.sure < network.seen and empty.person.landmarks is None
        assert not empty.person.keypoints.score.any() and not empty.person.score


def test_a_batch_is_what_single_calls_give(made, lite):
    with VideoReader(made / "one_person.mp4") as video:
        images = [*[frame.small(640) for frame in video][:12], np.zeros((50, 70, 3), np.uint8)]
    with BlazePoseLandmarker(lite, mode="image", threads=1, streams=2) as landmarker:
        batch = landmarker.detect_batch(images)
        assert [len(people) for people in batch] == [1] * 12 + [0]
        for image, people in zip(images, batch, strict=True):
            for one, other in zip(people, landmarker.detect(image), strict=True):
                np.testing.assert_allclose(one.xyz, other.xyz, atol=1e-5)


@pytest.mark.parametrize("num_poses", [1, 2])
def test_looking_at_a_picture_alone_works_in_either_mode_and_leaves_the_track_as_it_was(demo, lite, num_poses):
    with VideoReader(demo) as video:
        frames = [frame for frame in video if 110 <= frame.index < 116]
    pictures = [frame.small(640) for frame in frames]
    rois = [detection.roi for detection in Detector(lite).request()(pictures[0])]

    def track(landmarker, disturbed):
        tracks = []
        for frame, picture in zip(frames, pictures, strict=True):
            tracks.append(landmarker.detect(picture, frame.timestamp_ms))
            if disturbed:
                landmarker.detect_in(pictures[0], rois), landmarker.detect_batch(pictures[:2])
        return [[person.xyz for person in people] for people in tracks]

    with (
        BlazePoseLandmarker(lite, mode="image", num_poses=num_poses) as alone,
        BlazePoseLandmarker(lite, num_poses=num_poses) as video_mode,
        BlazePoseLandmarker(lite, num_poses=num_poses) as undisturbed,
    ):
        for ask in (lambda of: of.detect_in(pictures[0], rois), lambda of: of.detect_batch(pictures)[0]):
            (expected, *_), (found, *_) = ask(alone), ask(video_mode)
            np.testing.assert_array_equal(found.xyz, expected.xyz)
        np.testing.assert_equal(track(video_mode, True), track(undisturbed, False))


def test_tracking_spares_the_detector(made, lite, monkeypatch):
    calls = []
    with VideoReader(made / "one_person.mp4") as video, BlazePoseLandmarker(lite) as landmarker:
        detect, look = landmarker._networks
        monkeypatch.setattr(landmarker, "_networks", (lambda image: calls.append(1) or detect(image), look))
        found = [len(landmarker.detect(frame.small(640), frame.timestamp_ms)) for frame in video]
    assert found == [1] * 65 and len(calls) == 1


def test_a_kept_network_that_is_damaged_is_made_anew(lite, tmp_path, monkeypatch):
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path))
    for _ in range(2):
        monkeypatch.setattr("posecore.models.network._spare", OrderedDict())  # as in a new process
        with BlazePoseLandmarker(lite) as landmarker:
            assert landmarker.detect(np.zeros((64, 64, 3), np.uint8), 0) == []
        kept = sorted((cache_folder() / "openvino").iterdir())
        assert len(kept) == 2
        size = kept[0].stat().st_size
        assert size > 100_000
        kept[0].write_bytes(b"damaged")


def test_closed_networks_serve_the_next_landmarker(lite, tmp_path):
    """But never two at a time, nor when the file has become another one."""
    bundle = shutil.copy(lite, tmp_path / "my.task")
    first, second = BlazePoseLandmarker(bundle), BlazePoseLandmarker(bundle)
    assert compiled(first) is not compiled(second)
    first.close()
    with BlazePoseLandmarker(bundle) as third:
        assert compiled(third) is compiled(first)
    shutil.copy(fetch("full"), bundle)
    os.utime(bundle, (0, 0))
    with BlazePoseLandmarker(bundle) as other:
        assert compiled(other) not in (compiled(first), compiled(second))


def compiled(landmarker):
    return landmarker._network._network._compiled
