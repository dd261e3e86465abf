"""How steady a setting's people are, and how alike another's."""

from dataclasses import replace

import numpy as np
import pytest

from posecore.comparison.measures import accelerations, agreement, jumps, seen_by_one
from posecore.pose import FramePose, Keypoints, Person
from posecore.similarity import area

POSE = np.array([
    (100, 20), (104, 16), (96, 16), (108, 18), (92, 18), (120, 50), (80, 50), (130, 80), (70, 80),
    (135, 110), (65, 110), (112, 110), (88, 110), (114, 160), (86, 160), (116, 210), (84, 210),
], np.float32)  # fmt: skip


def person(x=0.0, track_id=None):
    made = Person.around(Keypoints(POSE + np.array([x, 0], np.float32), np.full(17, 0.9, np.float32)))
    return replace(made, track_id=track_id)


def frames(*everyone, times=None):
    times = times or [40 * n for n in range(len(everyone))]
    return [FramePose(n, ms, tuple(persons)) for n, (ms, persons) in enumerate(zip(times, everyone, strict=True))]


def test_agreement_is_1_with_oneself_0_with_nobody_and_unknown_where_both_see_none():
    ours = frames([person()], [], [person()], [], [person()])
    theirs = frames([person()], [person()], [], [], [person(400)])
    assert agreement(ours, theirs).tolist() == pytest.approx([1, 0, 0, np.nan, 0], abs=1e-6, nan_ok=True)
    assert agreement(theirs, ours).tolist() == pytest.approx(agreement(ours, theirs).tolist(), nan_ok=True)
    assert seen_by_one(ours, theirs) == 2


def test_of_several_people_who_has_no_partner_counts_as_0_whatever_the_order():
    both, turned = frames([person(), person(300)]), frames([person(300), person()])
    assert agreement(both, turned) == pytest.approx([1])
    assert agreement(both, frames([person(300)])) == pytest.approx([0.5])


def test_acceleration_is_that_of_the_motion_by_its_true_times():
    """x = 600 t²/2 pixels at uneven times: 600 pixels per s², in the square root of the area."""
    times = [0, 30, 80, 100, 180, 200]
    run = frames(*([person(300 * (ms / 1000) ** 2)] for ms in times), times=times)
    found = accelerations(run)
    assert found.shape == (4 * 17,)
    assert found == pytest.approx(np.full(68, 600 / area(person()) ** 0.5), rel=2e-2)


def test_a_steady_motion_has_none_and_a_gap_is_not_bridged():
    assert accelerations(frames(*([person(5 * n)] for n in range(5)))).max() < 0.05
    assert accelerations(frames([person()], [person(9)], [], [person()], [person(9)])).size == 0
    assert accelerations([]).size == 0


def test_everyone_is_followed_by_id():
    crossing = [[person(10 * n, 1), person(300 - 10 * n, 2)] for n in range(6)]
    run = frames(*(people[:: 1 if n % 2 else -1] for n, people in enumerate(crossing)))
    assert accelerations(run).shape == (2 * 4 * 17,) and accelerations(run).max() < 0.1
    assert jumps(run) == 0
    assert jumps(frames([person(0, 1)], [person(100, 1), person(300, 2)], [person(100, 1), person(500, 2)])) == 2
