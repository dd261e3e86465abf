"""Which parts of a video are looked at."""

from itertools import pairwise
from pathlib import Path

import pytest

from posecore.comparison import cut_pieces
from posecore.comparison.piece import ROUNDS


def spans(pieces):
    return [(piece.round, piece.start, piece.end) for piece in pieces]


def test_a_short_video_is_taken_whole(demo):
    pieces = cut_pieces([demo])
    assert len(pieces) == ROUNDS and pieces[0].start == 0 and pieces[-1].end is None
    assert all(a.end == pytest.approx(b.start, abs=0.0011) for a, b in pairwise(pieces))


def test_of_a_long_one_parts_are_spread_evenly(demo):
    pieces = cut_pieces([demo], 1, 7, sample=5)
    assert spans(pieces) == [(n, pytest.approx(1.1 + 1.2 * n), pytest.approx(2.1 + 1.2 * n)) for n in range(5)]


def test_few_frames_are_few_rounds_and_videos_take_turns(demo, tiny_video):
    assert spans(cut_pieces([tiny_video])) == [(0, 0, None)]
    assert spans(cut_pieces([demo], 2, 4.5)) == [(0, 2, 3.25), (1, 3.25, 4.5)]
    pieces = cut_pieces([demo, tiny_video, demo], sample=2.1)
    assert [(piece.video, piece.round) for piece in pieces] == [(demo, 0), (tiny_video, 0), (demo, 1)]


def test_a_header_that_does_not_say_how_long_it_is(made):
    (piece,) = cut_pieces([made / "live.webm"], sample=0.5)
    assert 0 < piece.start < piece.end


def test_what_is_refused(demo, tmp_path):
    with pytest.raises(ValueError, match=r"demo.*: has nothing from 9 s on, it is 7\.7 s long; give another --start"):
        cut_pieces([demo], 9)
    with pytest.raises(FileNotFoundError):
        cut_pieces([Path(tmp_path / "none.mp4")])
