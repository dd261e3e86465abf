"""What each option of the style draws."""

from dataclasses import replace

import av
import cv2
import numpy as np
import pytest

from posecore import open_estimator
from posecore.coco import KEYPOINT_NAMES
from posecore.options import Style
from posecore.overlay import Canvas, draw_frame, draw_pose
from posecore.overlay.colors import PLAIN, person_colors, score_color
from posecore.overlay.frame import reach
from posecore.overlay.names import name_of, plain
from posecore.overlay.trails import ENDS, draw_trails
from posecore.pose import FramePose, Keypoints, Person
from posecore.video.frame import plane_array

LEFT_ANKLE, RIGHT_ANKLE = (KEYPOINT_NAMES.index(f"{side}_ankle") for side in ("left", "right"))


def somebody(track_id=None, x=0.0, score=1.0) -> Person:
    """17 keypoints on a circle around the middle of a 400×400 picture, moved to the right by x."""
    angle = np.arange(17) * 2 * np.pi / 17
    xy = 200 + 150 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + (x, 0)
    person = Person.around(Keypoints(xy.astype(np.float32), np.full(17, score, np.float32)))
    return replace(person, track_id=track_id)


def drawn(*persons, **style):
    return draw_pose(np.zeros((400, 400, 3), np.uint8), persons, Style(**style))


def at(image, person, keypoint):
    x, y = person.keypoints.xy[keypoint].astype(int)
    return tuple(image[y, x].tolist())


def test_the_colour_says_the_side_the_person_or_the_score():
    nobody, third = somebody(), somebody(3)
    for person, style, expected in (
        (nobody, {}, PLAIN.left),
        (third, {}, person_colors(3).left),
        (third, {"color": "side"}, PLAIN.left),
        (nobody, {"color": "person"}, person_colors(1).left),
        (third, {"color": "score"}, score_color(1)),
    ):
        assert at(drawn(person, **style), person, LEFT_ANKLE) == expected, style
    weak = somebody(score=0.3)
    assert at(drawn(weak, color="score"), weak, LEFT_ANKLE) == score_color(0.3) != score_color(1)


def test_scores_are_told_apart_by_lightness():
    light = [np.dot(score_color(score), (0.299, 0.587, 0.114)) for score in np.linspace(0, 1, 11)]
    assert (np.diff(light) > 5).all() and light[0] > 50
    assert score_color(-1) == score_color(0) and score_color(7) == score_color(1)


def test_lines_and_dots_have_the_size_that_is_wanted():
    person = somebody()
    x, y = person.keypoints.xy[0]

    def reaches(image):
        """How far from the nose it is drawn, towards the outside, where no edge goes."""
        return np.flatnonzero(image[int(y), int(x) :].any(axis=1)).max(initial=-1)

    assert reaches(drawn(person, radius=20)) == pytest.approx(20, abs=1)
    assert reaches(drawn(person, line_width=10)) == pytest.approx(14, abs=1)  # dots grow with it
    lines, dots = drawn(person, radius=0, line_width=3), drawn(person, line_width=0, radius=4)
    assert lines.any() and dots.any() and not (lines.any(axis=2) & dots.any(axis=2)).all()
    assert 0 < dots.any(axis=2).sum() < 17 * 100 < lines.any(axis=2).sum()
    assert not drawn(person, line_width=0, radius=0).any()


def test_what_is_written_at_the_head():
    names = {1: "Jürgen Groß"}
    for style, expected in (
        ({}, "1"),
        ({"ids": False}, ""),
        ({"names": True}, "Jurgen Gross"),
        ({"person_scores": True}, "1  0.88"),
        ({"names": True, "ids": False, "person_scores": True}, "Jurgen Gross  0.88"),
    ):
        assert name_of(1, 0.876, Style(**style), names) == expected
    assert name_of(2, 1, Style(names=True), names) == "2"
    assert name_of(2, 1, Style(names=True, ids=False), names) == ""
    assert plain("Zoë 李") == "Zoe ?"


def test_names_are_drawn():
    person = somebody(1)
    image = draw_pose(np.zeros((400, 400, 3), np.uint8), [person], Style(names=True), {1: "Anna"})
    assert (image != drawn(person)).any()
    assert (drawn(person, ids=False) != drawn(person)).any()


@pytest.mark.parametrize("pixel_format", ["rgb", "yuv420p", "yuv444p"])
def test_black_is_black_behind_people(pixel_format):
    expected = drawn(somebody()).astype(int)
    frame, style = FramePose(0, 0, (somebody(),)), Style(background="black")
    picture = np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8)
    if pixel_format == "rgb":
        draw_frame(Canvas.rgb(picture), frame, style)
        assert (picture == expected).all()
        return
    coded = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format, dst_colorspace=1)
    draw_frame(Canvas.yuv([plane_array(plane) for plane in coded.planes], 1), frame, style)
    actual = coded.reformat(format="rgb24", src_colorspace=1).to_ndarray()
    assert actual[expected.max(axis=2) == 0].mean() < 3


def test_a_blurred_circle_is_a_few_colours_and_all_else_is_as_it_was():
    picture = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    for x, y, radius in ((200, 150, 60), (395, 5, 50), (-10, 150, 30)):
        image = picture.copy()
        Canvas.rgb(image).blur((x, y), radius)
        ys, xs = np.mgrid[:300, :400] + 0.5
        away = np.hypot(xs - x, ys - y)
        assert (image[away > radius + 1] == picture[away > radius + 1]).all()
        inside = image[away < radius - 1].astype(float)
        assert inside.std() < 12 < 60 < picture[away < radius - 1].std()
    image = picture.copy()
    for circle in (((1e9, 0), 5), ((200, 900), 50), ((50, 50), 0.01)):
        Canvas.rgb(image).blur(*circle)
    assert (image != picture).any(axis=2).sum() <= 4


def walk(*xs, step=100):
    """Somebody who stands and moves to these places."""
    return [FramePose(n, n * step, (somebody(1, x),)) for n, x in enumerate(xs)]


def trail(frames, number, seconds):
    image = np.zeros((400, 400, 3), np.uint8)
    draw_trails(Canvas.rgb(image), frames[number], frames, Style(trail=seconds), 4)
    return image.any(axis=2)


def test_a_trail_shows_the_ways_of_hands_and_feet():
    frames = walk(*range(0, 40, 4))
    shown = trail(frames, 9, 0.5)
    for keypoint in ENDS:
        before, long_ago = (frames[n].persons[0].keypoints.xy[keypoint].astype(int) for n in (6, 1))
        assert shown[before[1], before[0]] and not shown[long_ago[1], long_ago[0]], KEYPOINT_NAMES[keypoint]
    ys, _ = np.nonzero(shown)
    assert np.abs(ys[:, None] - frames[0].persons[0].keypoints.xy[ENDS, 1]).min(axis=1).max() < 5  # of nothing else
    assert not trail(frames, 0, 0.5).any()
    weak = [replace(frame, persons=(somebody(1, 4 * frame.index, score=0.1),)) for frame in frames]
    assert not trail(weak, 9, 0.5).any()


def test_a_trail_makes_no_jumps():
    frames = walk(0, 0, 190, 190)
    shown = trail(frames, 3, 1)
    for x, y in frames[0].persons[0].keypoints.xy[ENDS].astype(int):
        assert shown[y, x] and not shown[y, x + 10 : x + 180].any()


def test_what_needs_frames_around_says_so():
    assert reach(Style()) == (0, 0) and not Style().looks_around
    assert reach(Style(trail=0.25)) == (250, 0) and Style(trail=0.25).looks_around
    before, after = reach(Style(background="blur-faces"))
    assert min(before, after) > 0 and Style(background="blur-faces").looks_around


@pytest.mark.parametrize(
    "wrong", [{"color": "red"}, {"line_width": -1}, {"radius": 2_000}, {"background": "blue"}, {"trail": float("nan")}]
)
def test_wrong_styles_are_named(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name.replace("_", " ")):
        Style(**wrong)


def test_a_face_on_a_picture_is_gone(made, lite):
    """A woman on a photograph: after it there is no detail where the face was, whatever the scores say."""
    photo = cv2.imread(str(made / "person.jpg"))[..., ::-1].copy()
    with open_estimator(complexity=0, mode="image") as estimator:
        (person,) = estimator(photo)
    unsure = replace(person, keypoints=Keypoints(person.keypoints.xy, np.zeros(17, np.float32)))
    (left, top), (right, bottom) = (edge(person.keypoints.xy[:5], axis=0).astype(int) for edge in (np.min, np.max))

    def detail(picture):
        part = picture[top - 12 : bottom + 12, left - 4 : right + 4].astype(np.float32)
        return np.abs(part - cv2.GaussianBlur(part, (0, 0), 3)).mean()

    for somebody_there in (person, unsure):
        picture = photo.copy()
        frame = FramePose(0, 0, (somebody_there,))
        draw_frame(Canvas.rgb(picture), frame, Style(background="blur-faces", line_width=0, radius=0))
        print(f"{detail(photo):.1f} -> {detail(picture):.1f}")
        assert detail(picture) < detail(photo) / 5
