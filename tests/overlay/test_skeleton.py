import av
import numpy as np
import pytest

from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.options import Style
from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import PLAIN, person_colors
from posecore.overlay.names import face_box, name_place
from posecore.overlay.skeleton import draw_label, draw_pose, line_width
from posecore.pose import Keypoints, Person
from posecore.video.frame import plane_array


def person(score: float = 1.0) -> Person:
    """17 keypoints on a circle around the middle of a 400×400 picture, none on another's edge."""
    angle = np.arange(17) * 2 * np.pi / 17
    xy = 200 + 150 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return somebody(xy, np.full(17, score))


def somebody(xy, score) -> Person:
    return Person.around(Keypoints(xy.astype(np.float32), score.astype(np.float32)))


def black(height=400, width=400):
    return np.zeros((height, width, 3), np.uint8)


def test_dots_lie_on_the_keypoints_in_the_colour_of_their_side():
    image = draw_pose(black(), [person()])
    for name, (x, y) in zip(KEYPOINT_NAMES, person().keypoints.xy, strict=True):
        expected = PLAIN.left if "left" in name else PLAIN.right if "right" in name else PLAIN.middle
        assert tuple(image[int(y), int(x)]) == expected, name


def test_each_edge_is_drawn_in_the_colour_of_its_side():
    for a, b in SKELETON:
        pair = somebody(person().keypoints.xy, np.isin(np.arange(17), (a, b)))
        x, y = pair.keypoints.xy[[a, b]].mean(axis=0)
        sides = {KEYPOINT_NAMES[i].split("_")[0] for i in (a, b)} - {"nose"}
        expected = PLAIN.middle if len(sides) > 1 else PLAIN.left if sides == {"left"} else PLAIN.right
        assert tuple(draw_pose(black(), [pair])[int(y), int(x)]) == expected, (a, b)
        assert PLAIN.of(a, b) == PLAIN.of(b, a) == expected


def test_nothing_is_drawn_below_min_score():
    assert not draw_pose(black(), [person(0.4)], Style(min_score=0.5)).any()
    assert draw_pose(black(), [person(0.5)], Style(min_score=0.5)).any()


def test_one_weak_keypoint_takes_its_edges_with_it():
    nose = somebody(person().keypoints.xy, np.array([1.0] + [0.0] * 16))
    image = draw_pose(black(), [nose])
    ys, xs = np.nonzero(image.any(axis=2))
    x, y = nose.keypoints.xy[0]
    assert np.hypot(xs + 0.5 - x, ys + 0.5 - y).max() < 3 * line_width(Canvas.rgb(image), Style())


def test_keypoints_far_outside_do_no_harm():
    far = somebody(person().keypoints.xy * 1e9, np.ones(17))
    draw_pose(black(), [far])
    draw_pose(black(1, 1), [far])


def test_sizes_follow_the_picture():
    small, large = draw_pose(black(), [person()]), black(1600, 1600)
    draw_pose(large, [somebody(person().keypoints.xy * 4, np.ones(17))])
    ratio = large.any(axis=2).mean() / small.any(axis=2).mean()
    assert 0.7 < ratio < 1.4


def test_the_label_is_at_the_top_left():
    image = draw_label(black(720, 1280), "31.4 FPS")
    ys, xs = np.nonzero(image.any(axis=2))
    assert len(ys) > 0 and ys.max() < 72 and xs.max() < 400
    draw_label(black(1, 1), "31.4 FPS")


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize("matrix", [1, 5])
def test_on_yuv_planes_it_looks_as_on_rgb(pixel_format, matrix):
    """A large skeleton drawn on the planes, turned to RGB by swscale, against the one drawn on RGB."""
    grey = np.full((720, 960, 3), 120, np.uint8)
    moved = somebody(person().keypoints.xy + np.array([280, 160]), np.ones(17))
    expected = draw_label(draw_pose(grey.copy(), [moved]), "31.4 FPS").astype(int)
    frame = av.VideoFrame.from_ndarray(grey, "rgb24").reformat(format=pixel_format, dst_colorspace=matrix)
    draw_label(draw_pose(Canvas.yuv([plane_array(plane) for plane in frame.planes], matrix), [moved]), "31.4 FPS")
    actual = frame.reformat(format="rgb24", src_colorspace=matrix).to_ndarray().astype(int)
    difference = np.abs(actual - expected).max(axis=2)
    drawn = np.abs(expected - 120).max(axis=2) > 20
    print(f"{pixel_format}, matrix {matrix}: {difference[drawn].mean():.1f} levels where it is drawn")
    assert np.percentile(difference[~drawn], 99) <= 8 and np.median(difference[drawn]) < 25
    for name, (x, y) in zip(KEYPOINT_NAMES, moved.keypoints.xy.astype(int), strict=True):
        assert np.abs(actual[y, x] - expected[y, x]).max() <= 6, name


def followed(track_id, xy=(200, 200), size=100) -> Person:
    """Somebody with an id, upright in a box of 2 : 3, whose face is at its top."""
    x, y = xy
    points = np.linspace((x, y + size / 4), (x, y + size * 1.4), 17)
    points[:5] = [(x + dx, y + 10) for dx in (0, 5, -5, 10, -10)]
    box = np.array([x - size / 2, y, x + size / 2, y + size * 1.5], np.float32)
    return Person(Keypoints(points.astype(np.float32), np.ones(17, np.float32)), 0.5, box, track_id)


def test_an_id_has_a_colour_that_stays_and_differs_from_its_neighbours():
    shown = [person_colors(track_id) for track_id in range(1, 8)]
    assert person_colors(3) == shown[2]
    assert len({colors.middle for colors in shown}) == 7
    for colors in shown:  # left and right are told apart by lightness, whatever colours somebody sees
        shades = (colors.left, colors.middle, colors.right)
        light, middle, dark = (np.dot(color, (0.299, 0.587, 0.114)) for color in shades)
        assert light > middle + 15 > dark + 30
    image = draw_pose(black(), [followed(3)])
    x, y = followed(3).keypoints.xy[KEYPOINT_NAMES.index("left_ankle")]
    assert tuple(image[int(y), int(x)]) == shown[2].left


def test_an_id_is_written_above_its_person_and_over_no_face():
    one, other = followed(1, (200, 200)), followed(2, (200, 182))  # the second one's face is just above the first
    canvas = Canvas.rgb(black())
    size = canvas.text_size("1", 0.5)
    faces = [face_box(person, 0.2) for person in (one, other)]
    x, y = name_place(canvas, one, size, faces[:1])
    assert y < one.box[1] and abs(x + size[0] / 2 - 200) < 1
    x, y = name_place(canvas, one, size, faces)
    assert not any(x < x1 and x + size[0] > x0 and y - size[1] < y1 and y > y0 for x0, y0, x1, y1 in faces)
    x, y = name_place(canvas, followed(1, (200, -5)), size, [])  # no room above
    assert 0 <= x <= 400 - size[0] and size[1] <= y <= 400


def test_boxes_and_scores_are_drawn_when_they_are_wanted():
    plain = draw_pose(black(), [followed(1)])
    boxed = draw_pose(black(), [followed(1)], Style(boxes=True))
    assert not plain[349:351, 160:240].any() and boxed[349:351, 160:190].all(axis=2).any()
    scored = draw_pose(black(), [followed(1)], Style(person_scores=True))
    assert (scored != plain).any() and not (scored[205:] != plain[205:]).any()
