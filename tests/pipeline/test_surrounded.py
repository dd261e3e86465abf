"""Frames with those around them."""

from types import SimpleNamespace

from posecore.pipeline.stages import MOST_AHEAD, Estimated, surrounded

STEP = 40  # ms


def works(count, taken=None):
    for n in range(count):
        if taken is not None:
            taken.append(n)
        yield Estimated(SimpleNamespace(index=n, timestamp_ms=n * STEP), ())


def around(count, before_ms, after_ms):
    """For each frame, in order, the numbers of those that come with it."""
    found = []
    for work, poses in surrounded(works(count), before_ms, after_ms):
        assert work.frame.index == len(found)
        found.append([pose.index for pose in poses])
    return found


def test_each_frame_comes_with_those_around_it():
    found = around(10, 80, 120)
    assert found[0] == [0, 1, 2, 3] and found[4] == [2, 3, 4, 5, 6, 7]
    assert found[9] == [7, 8, 9] and len(found) == 10
    assert around(3, 1000, 1000) == [[0, 1, 2]] * 3 and around(0, 100, 100) == []


def test_no_frame_waits_where_none_is_needed():
    taken = []
    for work, poses in surrounded(works(10, taken), 0, 0):
        assert taken[-1] == work.frame.index and [pose.index for pose in poses] == [work.frame.index]


def test_only_some_frames_wait():
    """Or frames of a video of 1,000 a second would fill the memory."""
    taken = []
    for work, poses in surrounded(works(200, taken), 80, 10**6):
        assert len(taken) - work.frame.index <= MOST_AHEAD + 1 and len(poses) <= MOST_AHEAD + 3
        assert poses[-1].index == taken[-1]
