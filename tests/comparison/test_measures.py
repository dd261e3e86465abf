"""How steady a setting's people are, and how alike another's."""

import numpy as np
import pytest
from standing import frames, person

from posecore.comparison.measures import agreement, body_accelerations, jumps, seen_by_one
from posecore.similarity import area


def test_agreement_is_1_with_oneself_0_with_nobody_and_unknown_where_both_see_none():
    ours = frames([person()], [], [person()], [], [person()])
    theirs = frames([person()], [person()], [], [], [person(x=400)])
    assert agreement(ours, theirs).tolist() == pytest.approx([1, 0, 0, np.nan, 0], abs=1e-6, nan_ok=True)
    assert agreement(theirs, ours).tolist() == pytest.approx(agreement(ours, theirs).tolist(), nan_ok=True)
    assert seen_by_one(ours, theirs) == 2


def test_of_several_people_who_has_no_partner_counts_as_0_whatever_the_order():
    both, turned = frames([person(), person(x=300)]), frames([person(x=300), person()])
    assert agreement(both, turned) == pytest.approx([1])
    assert agreement(both, frames([person(x=300)])) == pytest.approx([0.5])


def test_acceleration_is_that_of_the_motion_by_its_true_times():
    """x = 600 t²/2 pixels at uneven times: 600 pixels per s², in the square root of the area."""
    times = [0, 30, 80, 100, 180, 200]
    run = frames(*([person(x=300 * (ms / 1000) ** 2)] for ms in times), times=times)
    found = body_accelerations(run)
    assert found.shape == (4 * 17,)
    assert found == pytest.approx(np.full(68, 600 / area(person()) ** 0.5), rel=2e-2)


def test_a_steady_motion_has_none_and_a_gap_is_not_bridged():
    assert body_accelerations(frames(*([person(x=5 * n)] for n in range(5)))).max() < 0.05
    assert body_accelerations(frames([person()], [person(x=9)], [], [person()], [person(x=9)])).size == 0
    assert body_accelerations([]).size == 0


def test_everyone_is_followed_by_id():
    crossing = [[person(1, 10 * n), person(2, 300 - 10 * n)] for n in range(6)]
    run = frames(*(people[:: 1 if n % 2 else -1] for n, people in enumerate(crossing)))
    assert body_accelerations(run).shape == (2 * 4 * 17,) and body_accelerations(run).max() < 0.1
    assert jumps(run) == 0
    assert jumps(frames([person(1, 0)], [person(1, 100), person(2, 300)], [person(1, 100), person(2, 500)])) == 2
