"""Mending by hand who is who: pure functions on made frames."""

import numpy as np
import pytest

from posecore.pose import FramePose, Keypoints, Person
from posecore.tracking import Track, drop_track, list_tracks, merge_tracks, swap_tracks

NOWHERE = Keypoints(np.zeros((17, 2), np.float32), np.ones(17, np.float32))


def person(track, score=0.5, height=100):
    return Person(NOWHERE, score, np.array([0, 50, 40, 50 + height], np.float32), track)


def video(*ids_of_frames):
    """A frame every 40 ms with the people of these ids."""
    return [FramePose(n, 40 * n, tuple(map(person, ids))) for n, ids in enumerate(ids_of_frames)]


def ids(frames):
    return [[person.track_id for person in frame.persons] for frame in frames]


def test_list():
    frames = [
        FramePose(0, 0, (person(2, 0.4, 80),)),
        FramePose(1, 40, (person(2, 0.8, 120), person(1), person(None))),
        FramePose(2, 80, ()),
        FramePose(3, 120, (person(2, 0.9, 90),)),
    ]
    (two, one) = list_tracks(frames)
    assert (two.track_id, two.first_ms, two.last_ms, two.frames, two.height) == (2, 0, 120, 3, 90)
    assert two.score == pytest.approx(0.7) and one == Track(1, 40, 40, 1, 0.5, 100)
    assert list_tracks(video([], [None])) == []


def test_swap_from_a_time_on():
    frames = video([1, 2], [1, 2, 3], [2, 1], [3], [2])
    swapped = swap_tracks(frames, 1, 2, since_ms=80)
    assert ids(swapped) == [[1, 2], [1, 2, 3], [1, 2], [3], [1]]
    assert [new is old for new, old in zip(swapped, frames, strict=True)] == [True, True, False, True, False]
    assert ids(swap_tracks(swapped, 2, 1, 80)) == ids(frames)
    assert ids(swap_tracks(frames, 1, 2)) == [[2, 1], [2, 1, 3], [1, 2], [3], [1]]


def test_swap_with_who_is_gone_gives_the_id_back():
    assert ids(swap_tracks(video([1, 2], [1], [1]), 1, 2, 40)) == [[1, 2], [2], [2]]


def test_merge_who_left_and_came_back():
    assert ids(merge_tracks(video([1, 2], [2], [2, 3]), 1, 3)) == [[1, 2], [2], [2, 1]]


def test_drop():
    frames = video([1, 2], [2], [3])
    dropped = drop_track(frames, 2)
    assert ids(dropped) == [[1], [], [3]] and dropped[2] is frames[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frames: drop_track(frames, 7), "no track 7; there are 1, 2, 3"),
        (lambda frames: swap_tracks(frames, 2, 2), "2 is named twice"),
        (lambda frames: swap_tracks(frames, 1, 2, 80), "neither track 1 nor 2 is there from 0.08 s on"),
        (lambda frames: merge_tracks(frames, 1, 2), r"both in frame 1 \(0.04 s\)"),
        (lambda frames: drop_track(video([None], []), 1), "nobody in it has a track_id"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        change(video([1], [1, 2], [3]))
