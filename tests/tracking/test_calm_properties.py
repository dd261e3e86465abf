"""Filters, gaps and frames between looks: what holds of every path of points."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from properties import numbers, people

from posecore.models.movenet.smoothing import KeypointFilter
from posecore.one_euro import OneEuro
from posecore.pose import FramePose
from posecore.tracking.filters import FILTERS, smooth_path
from posecore.tracking.gaps import fill_gaps, without_jumps
from posecore.tracking.interpolation import people_between

RATE, CUTOFF, INTERVAL = 30.0, 6.0, 1 / 30
steps = st.lists(st.integers(1, 120), min_size=1, max_size=40)  # milliseconds from frame to frame


@st.composite
def paths(draw, most=60):
    """Even times in seconds, and (n, 2, 2) places of two points."""
    n = draw(st.integers(1, most))
    return np.arange(n) / RATE, draw(numbers(n, 2, 2, low=-10, high=10)).astype(float)


@pytest.mark.parametrize("make", [lambda: OneEuro(1.0, 5.0), KeypointFilter], ids=["BlazePose's", "MoveNet's"])
@given(data=st.data(), times=steps)
def test_a_filter_never_leaves_what_it_was_given(make, data, times):
    values = data.draw(numbers(len(times), 17, 2, low=-2, high=2))
    smooth, extra = make(), (1.0,) if make is not KeypointFilter else ()
    found = np.array([smooth(value, int(ms), *extra) for value, ms in zip(values, np.cumsum(times), strict=True)])
    np.testing.assert_array_equal(found[0], values[0])
    low, high = np.minimum.accumulate(values), np.maximum.accumulate(values)
    assert ((found >= low - 1e-5) & (found <= high + 1e-5)).all()


@given(times=steps, data=st.data(), scale=st.sampled_from([0.25, 0.5, 2.0, 4.0]))
def test_one_euro_smooths_near_and_far_alike(times, data, scale):
    """Whoever is twice as large and goes twice as far."""
    values, clock = data.draw(numbers(len(times), 3, low=-2, high=2)), np.cumsum(times)
    near, far = OneEuro(1.0, 5.0), OneEuro(1.0, 5.0)
    for value, ms in zip(values, clock, strict=True):
        np.testing.assert_allclose(near(value * np.float32(scale), ms, scale), far(value, ms, 1.0) * scale, atol=1e-4)


@pytest.mark.parametrize("method", FILTERS)
@given(path=paths(), shift=st.floats(-100, 100))
def test_smoothing_knows_no_place(method, path, shift):
    times, points = path
    weight = np.ones(points.shape[:2])
    smooth = smooth_path(times, points, weight, RATE, method, CUTOFF)
    assert smooth.shape == points.shape and np.isfinite(smooth).all()
    moved = smooth_path(times, points + shift, weight, RATE, method, CUTOFF)
    np.testing.assert_allclose(moved, smooth + shift, atol=1e-2 if method == "one-euro" else 1e-6)
    lighter = smooth_path(times, points, weight / 4, RATE, method, CUTOFF)
    np.testing.assert_allclose(lighter, smooth, atol=1e-9)


@pytest.mark.parametrize("method", FILTERS)
@given(times=steps, place=st.integers(-100, 100), data=st.data())
def test_who_stands_still_stays(method, times, place, data):
    clock = np.cumsum([0, *times]) / 1000
    weight = data.draw(numbers(len(clock), 1, low=0.0625, high=1)).astype(float)
    points = np.full((len(clock), 1, 2), float(place))
    rate = (len(clock) - 1) / (clock[-1] - clock[0])
    smooth = smooth_path(clock, points, weight, rate, method, rate / 5)
    np.testing.assert_allclose(smooth, points, atol=1e-4)


@st.composite
def holey(draw):
    """A path with holes."""
    times, points = draw(paths(40))
    points[draw(st.lists(st.integers(0, len(times) - 1), max_size=30)), draw(st.integers(0, 1))] = np.nan
    return times, points


@given(holey(), st.floats(0, 0.6))
def test_gaps_are_filled_between_what_is_beside_them(path, longest):
    times, points = path
    seen = np.isfinite(points[..., 0])
    filled, which, before, after = fill_gaps(times, points, longest, INTERVAL)
    np.testing.assert_array_equal(filled[~which], points[~which])
    assert not (which & seen).any()
    for n, k in np.argwhere(which):
        first, last = before[n, k], after[n, k]
        assert first < n < last and seen[first, k] and seen[last, k] and not seen[first + 1 : last, k].any()
        assert (last - first - 1) * INTERVAL <= longest + 0.01
        low, high = np.minimum(points[first, k], points[last, k]), np.maximum(points[first, k], points[last, k])
        assert ((filled[n, k] >= low - 1e-9) & (filled[n, k] <= high + 1e-9)).all()
    for k in range(2):
        there = np.flatnonzero(seen[:, k])
        if len(there) and longest > times[-1]:
            assert np.isfinite(filled[there[0] : there[-1] + 1, k]).all()


@given(holey(), st.floats(0.05, 0.6), st.floats(0.1, 10))
def test_taking_out_jumps_puts_nothing_in(path, longest, size):
    times, points = path
    kept = without_jumps(times, points, np.full(len(times), size), longest, INTERVAL)
    there = np.isfinite(kept[..., 0])
    np.testing.assert_array_equal(kept[there], points[there])
    still = np.broadcast_to(points[:1], points.shape)
    np.testing.assert_array_equal(without_jumps(times, still, np.full(len(times), size), longest, INTERVAL), still)


@given(people(), people(), st.integers(1, 1000), st.floats(0, 1))
def test_between_two_looks_people_go_from_one_to_the_other(one, other, step, share):
    frames = FramePose(0, 0, (numbered(one, 7),)), FramePose(9, step, (numbered(other, 7), numbered(one, 8)))
    now = round(share * step)
    (person,) = people_between(*frames, now)  # 8 is in one of them only
    assert person.track_id == 7
    line = 1 - now / step, now / step
    expected = line[0] * one.keypoints.xy.astype(float) + line[1] * other.keypoints.xy
    np.testing.assert_allclose(person.keypoints.xy, expected, atol=0.01)
    low, high = sorted([one.score, other.score])
    assert low - 1e-6 <= person.score <= high + 1e-6
    assert ((person.keypoints.score >= 0) & (person.keypoints.score <= 1 + 1e-6)).all()


@given(people(), numbers(2, low=-50, high=50), st.lists(st.integers(1, 300), min_size=3, max_size=3), st.floats(0, 1))
def test_who_goes_straight_on_goes_straight_on_between(one, velocity, gaps, share):
    clock = np.cumsum([0, *gaps])
    frames = [FramePose(n, int(ms), (moved(one, velocity * ms / 100),)) for n, ms in enumerate(clock)]
    now = round(clock[1] + share * (clock[2] - clock[1]))
    found = people_between(frames[1], frames[2], now, frames[0], frames[3])
    for person in found:  # nobody where the way is too long for one who has no id
        np.testing.assert_allclose(person.keypoints.xy, one.keypoints.xy + velocity * now / 100, atol=0.05)
    assert all(people_between(frames[1], frames[2], int(clock[n]), frames[0], frames[3]) for n in (1, 2)) or not found


def numbered(person, track_id):
    return replace(person, track_id=track_id)


def moved(person, step):
    keypoints = replace(person.keypoints, xy=(person.keypoints.xy + step).astype(np.float32))
    return replace(person, keypoints=keypoints, box=(person.box + np.tile(step, 2)).astype(np.float32))
