"""Faces that are hidden: the circles must hold the whole head, whatever is known of it."""

from dataclasses import replace

import numpy as np
import pytest

from posecore.coco import KEYPOINT_NAMES
from posecore.overlay.faces import AHEAD_MS, FACE, HELD_MS, face_of, faces_of
from posecore.pose import FramePose, Keypoints, Person

# Somebody of 175 cm, in cm from the middle of the head, y down.
UPRIGHT = {
    "nose": (0, 2), "left_eye": (3, -1), "right_eye": (-3, -1), "left_ear": (7.5, 0), "right_ear": (-7.5, 0),
    "left_shoulder": (17, 25), "right_shoulder": (-17, 25), "left_elbow": (20, 55), "right_elbow": (-20, 55),
    "left_wrist": (22, 80), "right_wrist": (-22, 80), "left_hip": (9, 75), "right_hip": (-9, 75),
    "left_knee": (10, 117), "right_knee": (-10, 117), "left_ankle": (10, 155), "right_ankle": (-10, 155),
}  # fmt: skip
ASIDE = UPRIGHT | {  # looks to the right of the picture
    "nose": (10, 2), "left_eye": (8, -1), "right_eye": (7.5, -1), "left_ear": (-1, 0), "right_ear": (-1, 0),
    "left_shoulder": (1, 25), "right_shoulder": (-1, 25), "left_hip": (0, 75), "right_hip": (0, 75),
}  # fmt: skip
HEAD = np.array([(0, -11), (0, 12), (7.5, 0), (-7.5, 0), (5, 9), (-5, 9), (5, -9), (-5, -9)])  # its outline from before
HEAD_ASIDE = np.array([(0, -11), (7, 12), (10.5, 2), (9, 9), (8, -8), (-3, 0)])  # from the ear to the nose
SCALE = 3  # pixels in a cm


def somebody(body=UPRIGHT, at=(300, 100), turned=0.0, track_id=1, **scores) -> Person:
    """Keypoints with score 0.9, or what is given by name; turned: clockwise, in degrees."""
    angle = np.deg2rad(turned)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    xy = np.array([body[name] for name in KEYPOINT_NAMES]) @ turn * SCALE + at
    score = np.array([scores.get(name, 0.9) for name in KEYPOINT_NAMES], np.float32)
    person = Person.around(Keypoints(xy.astype(np.float32), score))
    margin = 8 * SCALE  # the finder's box reaches beyond the keypoints
    return replace(person, box=person.box + np.array([-margin, -margin, margin, margin], np.float32), track_id=track_id)


def holds(circle, head=HEAD, at=(300, 100), turned=0.0):
    angle = np.deg2rad(turned)
    outline = head @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * SCALE + at
    return (np.hypot(*(outline - circle[:2]).T) <= circle.radius).all()


def weak(*parts, score=0.02):
    return {name: score for name in KEYPOINT_NAMES if any(part in name for part in parts)}


FACE_PARTS = ("nose", "eye", "ear")


@pytest.mark.parametrize("turned", [0, 60, 180])
@pytest.mark.parametrize(("body", "head"), [(UPRIGHT, HEAD), (ASIDE, HEAD_ASIDE)])
@pytest.mark.parametrize("scores", [{}, weak("left_ear", "right_eye", "right_ear"), weak("hip"), weak(*FACE_PARTS)])
def test_the_whole_head_is_in_the_circle(body, head, turned, scores):
    circle = face_of(somebody(body, turned=turned, **scores))
    assert holds(circle, head, turned=turned) and circle.radius < 45 * SCALE


def test_no_more_than_the_head_and_what_is_around_it():
    assert face_of(somebody()).radius < 20 * SCALE


def test_of_a_face_alone_all_is_hidden():
    close = somebody(**weak("shoulder", "elbow", "wrist", "hip", "knee", "ankle"))
    assert holds(face_of(replace(close, box=np.array([275, 65, 325, 140], np.float32))))


@pytest.mark.parametrize("turned", [0, 90])
def test_who_is_only_a_box_has_the_head_at_its_top_or_anywhere_if_it_lies(turned):
    person = somebody(turned=turned, **dict.fromkeys(KEYPOINT_NAMES, 0.0))
    assert holds(face_of(person), turned=turned)


def test_a_guess_makes_it_larger_unless_it_is_absurd():
    guess = weak(*FACE_PARTS) | {"nose": 0.1}
    unsure = somebody(**weak(*FACE_PARTS))
    aside, absurd = (somebody(UPRIGHT | {"nose": (x, 10)}, **guess) for x in (30, 200))
    assert face_of(replace(aside, box=unsure.box)).radius > face_of(unsure).radius
    assert face_of(replace(absurd, box=unsure.box)) == face_of(unsure)


def frames(*walks, step=100):
    """Each walk is the x of somebody in every frame, None where nobody sees that person."""

    def there(places):
        return tuple(somebody(at=(x, 100), track_id=i) for i, x in enumerate(places, 1) if x is not None)

    return [FramePose(n, n * step, there(places)) for n, places in enumerate(zip(*walks, strict=True))]


def test_who_is_not_seen_for_a_moment_is_hidden_on_the_way():
    seen = frames([100, 110, 120, None, None, None, 160, 170], [500] * 8)
    for n, x in ((3, 130), (4, 140), (5, 150)):
        still, gone = faces_of(seen[n], seen)
        assert round(still.x) == 500 and abs(gone.x - x) < 1 and holds(gone, at=(x, 100))
        assert gone.radius > still.radius
    assert len(list(faces_of(seen[2], seen))) == 2


def test_faces_are_hidden_before_they_are_found_and_after_but_not_for_ever():
    late = frames([None] * 10 + [300] * 3)
    hidden = [n for n, frame in enumerate(late) if list(faces_of(frame, late))]
    assert hidden == list(range(10 - AHEAD_MS // 100, 13))
    gone = frames([300] * 3 + [None] * 20)
    hidden = [n for n, frame in enumerate(gone) if list(faces_of(frame, gone))]
    assert hidden == list(range(3 + HELD_MS // 100))


def test_without_ids_it_goes_by_the_order():
    seen = frames([100, None, 120])
    seen = [replace(f, persons=tuple(replace(p, track_id=None) for p in f.persons)) for f in seen]
    (face,) = faces_of(seen[1], seen)
    assert abs(face.x - 110) < 1


def test_the_keypoints_of_a_face():
    assert [KEYPOINT_NAMES[i] for i in FACE] == list(KEYPOINT_NAMES[:5])
