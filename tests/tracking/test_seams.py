"""Ids over the seams of a video that was done in segments: on made people."""

import json

import numpy as np

from posecore.pose import FramePose, Keypoints, Person
from posecore.tracking import Ends, join_ids

NOWHERE = Keypoints(np.zeros((17, 2), np.float32), np.ones(17, np.float32))
WARM_UP = 4_000
STEP = 100  # ms from frame to frame


def person(track_id, x):
    return Person(NOWHERE, 0.5, np.array([x, 50, x + 40, 150], np.float32), track_id)


def segment(start, end, *walks):
    """What is known of a segment: each walk is an id and a function from the time to the left of the box, or None."""
    ends = Ends(start)
    for time in range(max(0, start - WARM_UP), end, STEP):
        there = [(track_id, walk(time)) for track_id, walk in walks]
        ends.see(FramePose(time // STEP, time, tuple(person(*at) for at in there if at[1] is not None)))
    return Ends.from_json(json.loads(json.dumps(ends.to_json())))  # as a note keeps it


def still(x, since=0, until=10**9):
    return lambda time: x if since <= time < until else None


def test_who_is_on_both_sides_keeps_the_id():
    left, right = still(100), still(300)
    ids = join_ids(
        [
            segment(0, 5_000, (1, left), (2, right)),
            segment(5_000, 10_000, (1, right), (2, left)),
            segment(10_000, 15_000, (4, left), (7, right)),
        ]
    )
    assert ids == [{1: 1, 2: 2}, {1: 2, 2: 1}, {4: 1, 7: 2}]


def test_who_is_new_has_a_new_id_and_they_begin_with_1():
    late, gone = still(100, since=7_000), still(300, until=2_000)
    ids = join_ids([segment(0, 5_000, (3, gone)), segment(5_000, 9_000, (3, late)), segment(9_000, 12_000, (1, late))])
    assert ids == [{3: 1}, {3: 2}, {1: 2}]
    nobody = segment(0, 5_000)
    assert join_ids([nobody, segment(5_000, 9_000, (2, late)), nobody]) == [{}, {2: 1}, {}]


def test_somebody_else_in_the_place_of_who_has_gone_is_somebody_else():
    """They were never in the same place in one frame."""
    gone, come = still(100, until=4_500), still(100, since=5_200)
    assert join_ids([segment(0, 5_000, (1, gone)), segment(5_000, 9_000, (1, come))]) == [{1: 1}, {1: 2}]


def test_the_last_frames_count_most():
    """A segment that has just begun may take one for the other; later it knows."""

    def confused(one, other):
        return lambda time: other if time < 3_900 else one

    ids = join_ids(
        [
            segment(0, 5_000, (1, still(100)), (2, still(300))),
            segment(5_000, 9_000, (1, confused(100, 300)), (2, confused(300, 100))),
        ]
    )
    assert ids[1] == {1: 1, 2: 2}


def test_pairs_are_made_over_all_at_once():
    """Both boxes after the seam agree with the one in the middle before it, but one agrees with another one better."""
    before = (1, still(100)), (2, still(110))
    after = (1, still(109)), (2, still(117))
    assert join_ids([segment(0, 5_000, *before), segment(5_000, 9_000, *after)])[1] == {1: 1, 2: 2}


def test_who_is_hidden_at_the_seam_is_known_by_where_it_was():
    """And somebody else who comes into that place then is somebody else."""
    left, right = still(100), still(300, until=4_000)
    back, new = (lambda time: 300 if time < 4_000 or time >= 5_400 else None), still(310, since=4_200)
    ids = join_ids([segment(0, 5_000, (1, left), (2, right)), segment(5_000, 9_000, (1, back), (2, left), (3, new))])
    assert ids[1] == {1: 2, 2: 1, 3: 3}


def test_what_is_kept_does_not_grow_with_the_length():
    short, long = (segment(5_000, end, (1, still(100))) for end in (12_000, 80_000))
    assert len(short.last) == len(long.last) == len(short.before) + 1 == 41
