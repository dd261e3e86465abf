"""The people of frames that nobody looked at."""

from dataclasses import replace

import numpy as np
import pytest

from posecore.pose import FramePose, Keypoints, Landmarks, Person
from posecore.tracking import people_between

SHAPE = np.random.default_rng(0).uniform(0, 100, (17, 2)).astype(np.float32)


def person(x, track_id=None, score=0.8, world=False):
    """Somebody 100 pixels high whose nose's place is x to the right of where it is drawn."""
    xy = SHAPE + np.array([x, 0], np.float32)
    landmarks = Landmarks(
        np.full((33, 3), x / 1000, np.float32),
        np.full(33, score, np.float32),
        np.full(33, score, np.float32),
        world=np.full((33, 3), x / 500, np.float32),
    )
    someone = Person.around(Keypoints(xy, np.full(17, score, np.float32)), score, landmarks if world else None)
    return replace(someone, track_id=track_id)


def frame(milliseconds, *persons):
    return FramePose(milliseconds // 40, milliseconds, persons)


def places(persons):
    return [float((one.keypoints.xy - SHAPE)[:, 0].mean()) for one in persons]


def test_between_two_looks_everybody_goes_on_a_line():
    before, after = frame(0, person(0, score=0.6)), frame(200, person(10, score=0.8))
    (found,) = people_between(before, after, 50)
    assert places([found]) == [pytest.approx(2.5, abs=0.01)]
    assert found.score == pytest.approx(0.65) and found.keypoints.score == pytest.approx(np.full(17, 0.65))
    assert found.box == pytest.approx(before.persons[0].box + np.array([2.5, 0, 2.5, 0]), abs=0.01)


@pytest.mark.parametrize("times", [(0, 200, 400, 600), (0, 120, 400, 500)])
def test_more_looks_make_it_a_curve(times):
    """Somebody who speeds up: the parabola is met to the last digit, however uneven the looks are."""

    def x(milliseconds):
        return milliseconds**2 / 4000

    looks = [frame(ms, person(x(ms), world=True)) for ms in times]
    for now in (times[1] + 1, 300, times[2] - 1):
        (found,) = people_between(looks[1], looks[2], now, looks[0], looks[3])
        assert places([found]) == [pytest.approx(x(now), abs=0.01)]
        assert found.landmarks.xyz == pytest.approx(np.full((33, 3), x(now) / 1000), abs=1e-4)
        assert found.landmarks.world == pytest.approx(np.full((33, 3), x(now) / 500), abs=1e-4)
        (straight,) = people_between(looks[1], looks[2], 300)
        assert abs(places([straight])[0] - x(300)) > 2


def test_who_is_in_one_of_the_looks_only_is_in_none_between():
    before = frame(0, person(0, 1), person(300, 2))
    after = frame(200, person(320, 2), person(600, 3))
    (found,) = people_between(before, after, 100, frame(-200, person(0, 3)))
    assert found.track_id == 2 and places([found]) == [pytest.approx(310, abs=0.01)]
    assert people_between(before, frame(200), 100) == people_between(frame(0), after, 100) == ()


def test_nobody_is_guessed_over_more_than_a_second():
    before = frame(0, person(0, 1))
    assert people_between(before, frame(1000, person(10, 1)), 500)
    assert not people_between(before, frame(1001, person(10, 1)), 500)


def test_who_has_no_id_does_not_fly_to_somebody_else():
    """A torso of 50 pixels: within 0.2 s nobody comes 300 pixels far."""
    torso = np.zeros((17, 2), np.float32)
    torso[[5, 6], 1], torso[[11, 12], 1] = 50, 100

    def standing(x):
        return Person.around(Keypoints(torso + np.array([x, 0], np.float32), np.ones(17, np.float32)))

    assert people_between(frame(0, standing(0)), frame(200, standing(90)), 100)
    assert not people_between(frame(0, standing(0)), frame(200, standing(300)), 100)
    assert people_between(frame(0, standing(0)), frame(800, standing(300)), 100)


def test_who_is_seen_by_the_finder_only_has_no_landmarks_there():
    seen, boxed = person(0, 1, world=True), person(10, 1)
    (found,) = people_between(frame(0, seen), frame(200, boxed), 100)
    assert found.landmarks is None and places([found]) == [pytest.approx(5, abs=0.01)]
    after = person(10, 1, world=True)
    (found,) = people_between(frame(0, seen), frame(200, after), 100, frame(-200, boxed), frame(400, boxed))
    assert found.landmarks is not None and places([found]) == [pytest.approx(5, abs=0.01)]
