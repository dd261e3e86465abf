"""A stretch of a video: its frames, and those before it to warm up on."""

from itertools import chain, pairwise

import pytest

from posecore.video import VideoReader
from posecore.video.segment import WARM_UP_MS, Segment


def run(path, *edges):
    """The segment when it has been read; times of the frames that warm up, and of its own."""
    segment = Segment(*edges)
    with VideoReader(path) as video:
        frames = list(segment.frames(video))
    warm = [frame.timestamp_ms for frame in frames if not segment.owns(frame)]
    return segment, warm, [frame.timestamp_ms for frame in frames if segment.owns(frame)]


def test_all_of_a_video(made):
    segment, warm, own = run(made / "one_person.mp4")
    assert not warm and own == list(range(0, 13_000, 200))
    assert (segment.first, segment.next) == (0, None)


def test_a_stretch_in_the_middle_warms_up_before_it(made):
    segment, warm, own = run(made / "one_person.mp4", 7000, 9500)
    assert warm == list(range(7000 - WARM_UP_MS, 7000, 200))
    assert own == list(range(7000, 9500, 200))
    assert (segment.first, segment.next) == (7, pytest.approx(9.6))


def test_the_first_stretch_has_nothing_to_warm_up_on(made):
    segment, warm, own = run(made / "one_person.mp4", 0, 2000)
    assert not warm and own == list(range(0, 2000, 200)) and segment.next == 2


def test_stretches_together_are_the_video(made):
    """Each says where the next one begins; here times are those of the file, in which sound comes first."""
    edges = [0, 333, 900, 1500, None]
    parts = [run(made / "phone.mp4", *pair) for pair in pairwise(edges)]
    assert list(chain.from_iterable(own for _, _, own in parts)) == run(made / "phone.mp4")[2]
    segments = [segment for segment, _, _ in parts]
    assert [s.next for s in segments] == [*(s.first for s in segments[1:]), None]
    assert segments[0].first == pytest.approx(0.04)


def test_a_stretch_after_the_end_has_no_frame(made):
    segment, _, own = run(made / "one_person.mp4", 14_000, None)
    assert segment.first is None and not own
