"""Who is who, whatever people do: made people who come, go, cross and hide one another, and a film that cuts."""

import cv2
import numpy as np
from hypothesis import given, settings, strategies as st
from properties import scores
from test_tracker import SIZE, World

from posecore.look import Look
from posecore.pose import Keypoints, Person
from posecore.tracking import Tracker
from posecore.tracking.association import MAX_COST, assign

COLORS = [(200, 30, 30), (30, 30, 200), (30, 160, 30), (90, 95, 90)]
FRAMES = 24


@st.composite
def walks(draw):
    """A colour and the way of somebody who is there for a while, and hidden now and then."""
    x, y, speed = draw(st.integers(40, 600)), draw(st.integers(60, 300)), draw(st.integers(-15, 15))
    since, frames = draw(st.integers(0, FRAMES // 2)), draw(st.integers(FRAMES // 3, FRAMES))
    hidden = draw(st.sets(st.integers(0, FRAMES), max_size=6))
    there = set(range(since, since + frames)) - hidden
    return draw(st.sampled_from(COLORS)), lambda n: (x + speed * n, y) if n in there else None


crowds = st.lists(walks(), min_size=1, max_size=5)
steps = st.lists(st.integers(-40, 300), min_size=FRAMES, max_size=FRAMES)  # milliseconds; clocks go back too


def followed(world, clock, cut=None, **options):
    """The persons of each frame, of one tracker."""
    finder = type("Finder", (), {"__call__": staticmethod(world.finder), "close": lambda _: None})()
    tracker = Tracker(world, finder, **options)
    for number, ms in enumerate(clock):
        picture = world.picture(number)
        if cut is not None and number >= cut:  # another place: another ground, people where they were
            picture = cv2.subtract(np.full_like(picture, 255), picture)
            picture[::2, : SIZE[0] // 2] = (200, 180, 20)
        yield tracker.detect(picture, max(0, int(ms)))


@settings(max_examples=40)
@given(crowds, steps, st.integers(0, 3), st.sampled_from([0.1, 2.0]), st.integers(1, 5))
def test_ids(people, milliseconds, most, keep_lost, every):
    world, seen = World(*people), set()
    for persons in followed(world, np.cumsum(milliseconds), people=most, keep_lost=keep_lost, every=every):
        ids = [person.track_id for person in persons]
        assert len(set(ids)) == len(ids) and ids == sorted(ids) and (not most or len(ids) <= most)
        new = sorted(set(ids) - seen)
        assert new == list(range(len(seen) + 1, len(seen) + 1 + len(new)))  # from 1, none left out
        seen |= set(ids)
        assert all(np.isfinite(person.box).all() and np.isfinite(person.keypoints.xy).all() for person in persons)


@settings(max_examples=20)
@given(crowds, st.integers(5, FRAMES - 1))
def test_nobody_is_followed_over_a_cut(people, cut):
    frames = list(followed(World(*people), np.arange(FRAMES) * 33, cut))
    before, after = ({p.track_id for persons in part for p in persons} for part in (frames[:cut], frames[cut:]))
    assert not before & after


@settings(max_examples=20)
@given(crowds, crowds)
def test_two_videos_know_nothing_of_each_other(ones, others):
    alone = [ids(persons) for persons in followed(World(*ones), np.arange(FRAMES) * 33)]
    side_by_side = zip(*(followed(World(*people), np.arange(FRAMES) * 33) for people in (ones, others)), strict=True)
    assert [ids(first) for first, _ in side_by_side] == alone


def ids(persons):
    return [(person.track_id, person.box.tolist()) for person in persons]


def test_a_network_that_sees_a_point_is_no_fault():
    """All keypoints in one place: a box without extent, which overlaps nothing."""

    class Point(World):
        def _nearest(self, aim):
            points = np.full((17, 2), 100, np.float32)
            return Look(Person.around(Keypoints(points, np.full(17, 0.8, np.float32))), 0.8, np.full(2, 100.0))

    world = Point(((200, 30, 30), lambda n: (100, 100)))
    found = list(followed(world, np.arange(FRAMES) * 33))
    assert all(np.isfinite(person.box).all() for persons in found for person in persons)


@given(st.data(), st.integers(0, 5), st.integers(0, 5))
def test_pairs_cost_no_more_than_any_others(data, rows, columns):
    costs = np.array([[2 * data.draw(scores) for _ in range(columns)] for _ in range(rows)]).reshape(rows, columns)
    pairs = assign(costs, MAX_COST)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(costs[pair] < MAX_COST for pair in pairs)
    best = sum(costs[pair] for pair in pairs) + MAX_COST * (min(rows, columns) - len(pairs))
    greedy, taken = 0.0, (set(), set())
    for row, column in sorted(np.ndindex(rows, columns), key=lambda place: costs[place]):
        if row not in taken[0] and column not in taken[1] and costs[row, column] < MAX_COST:
            greedy += costs[row, column]
            taken[0].add(row)
            taken[1].add(column)
    assert best <= greedy + MAX_COST * (min(rows, columns) - len(taken[0])) + 1e-9
