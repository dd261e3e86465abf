"""Isolated jumps and short gaps of paths."""

import numpy as np
import pytest
from golden import pose_1

from posecore.tracking.gaps import fill_gaps, stretches, without_jumps
from posecore.tracking.paths import body_size

RATE = 30.0


@pytest.fixture
def xy(videos):
    return pose_1(videos)


def jumps(xy, rate=RATE, longest=0.2):
    times = np.arange(len(xy)) / rate
    return np.isnan(without_jumps(times, xy, body_size(xy, round(rate)), longest, 1 / rate)[..., 0])


@pytest.mark.parametrize("faster", [1, 2, 3, 4])
@pytest.mark.parametrize("every", [1, 2, 3])
def test_real_motion_is_no_jump_however_fast(xy, faster, every):
    """One who swings the arms, at up to 3.4 sizes a second, as filmed and four times as fast."""
    assert not jumps(xy[::every], RATE * faster / every).any()


@pytest.mark.parametrize("frames", [1, 2, 3])
@pytest.mark.parametrize("scale", [0.1, 1, 10])
def test_isolated_jumps_are_taken_out_and_nothing_else(xy, frames, scale):
    """Of three frames at most, at 30 frames/s: longer ones do not end within 0.15 s. One within a swing stays."""
    rng = np.random.default_rng(frames)
    size, planted = np.median(body_size(xy, 1)), np.zeros(xy.shape[:2], bool)
    for first, k in zip(range(5, 110, 9), rng.permutation(17), strict=False):
        planted[first : first + frames, k] = True
        angle = rng.uniform(0, 2 * np.pi)
        xy[first : first + frames, k] += 0.6 * size * np.array([np.cos(angle), np.sin(angle)])
    found = jumps(scale * xy)
    assert not (found & ~planted).any() and found.sum() >= 0.9 * planted.sum()


def test_who_goes_and_stays_has_not_jumped(xy):
    size = np.median(body_size(xy, 1))
    xy[60:] += size
    xy[30:36, 9] += size  # 0.2 s
    assert not jumps(xy).any()


def test_what_may_not_be_filled_is_not_taken_out(xy):
    xy[60, 9] += 100
    assert jumps(xy).sum() == 1 and not jumps(xy, longest=0).any()


@pytest.mark.parametrize(("rate", "frames"), [(30, 6), (29.97, 6), (60, 12), (5, 1), (59.94, 12), (25, 5)])
def test_a_gap_lasts_as_long_as_its_frames(rate, frames):
    """Of 0.2 s and no more, by timestamps in whole milliseconds, wherever it begins."""
    times = np.round(np.arange(200) / rate, 3)
    for first in range(2, 30):
        for missing in (frames, frames + 1):
            points = np.stack([times, -times], axis=-1)[:, None] * 100
            points[first : first + missing] = np.nan
            found, filled, before, after = fill_gaps(times, points, 0.2, 1 / rate)
            assert filled.sum() == (missing if missing == frames else 0)
            assert np.isnan(found).sum() == (0 if missing == frames else 2 * missing)
            np.testing.assert_allclose(found[filled][:, 0], 100 * times[filled[:, 0]], rtol=1e-6)
            assert (before[filled] == first - 1).all() and (after[filled] == first + missing).all()


def test_filled_points_do_not_overshoot(xy):
    """PCHIP stays between its neighbours; a cubic spline through the same points does not."""
    times = np.arange(120) / RATE
    whole = xy.copy()
    for first in range(5, 110, 10):
        xy[first : first + 4] = np.nan
    found, filled, before, after = fill_gaps(times, xy, 0.2, 1 / RATE)
    assert filled.sum() == 11 * 4 * 17
    beside = np.stack([np.take_along_axis(whole[..., 0], index, 0) for index in (before, after)])
    assert (found[..., 0] >= beside.min(axis=0) - 1e-9)[filled].all()
    assert (found[..., 0] <= beside.max(axis=0) + 1e-9)[filled].all()
    assert np.median(np.linalg.norm(found - whole, axis=-1)[filled]) < 1  # pixel; the person is 250 high


def test_nothing_is_made_up_before_the_first_or_after_the_last():
    points = np.full((9, 1, 2), np.nan)
    points[3:6] = 1
    _, filled, *_ = fill_gaps(np.arange(9) / RATE, points, 9, 1 / RATE)
    assert not filled.any()
    assert not fill_gaps(np.arange(9) / RATE, np.full((9, 1, 2), np.nan), 9, 1 / RATE)[1].any()


def test_stretches_end_at_gaps_and_at_steps_of_time():
    times = np.array([0, 1, 2, 3, 9, 10, 11, 12.0])
    seen = np.ones((8, 3), bool)
    seen[2, 1] = False
    found = {(part.start, part.stop, *which) for part, which in stretches(times, seen, 2)}
    assert found == {(0, 4, 0, 2), (4, 8, 0, 2), (0, 2, 1), (3, 4, 1), (4, 8, 1)}
