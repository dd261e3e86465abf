"""Filters of paths, each against its definition."""

import numpy as np
import pytest
from scipy.signal import butter, savgol_coeffs, sosfiltfilt

from posecore.tracking.filters import FILTERS, butterworth, savitzky_golay, shortest, smooth_path

RATE = 30.0
each_method = pytest.mark.parametrize("method", FILTERS)


def path(values):
    """(n, 1, 1), as the filters take them."""
    return np.asarray(values, float)[:, None, None]


def smooth(times, values, method="butterworth", cutoff=6.0, weight=1.0, rate=RATE):
    weights = np.broadcast_to(np.asarray(weight, float), (len(times),))[:, None]
    return smooth_path(np.asarray(times, float), path(values), weights, rate, method, cutoff)[:, 0, 0]


@pytest.mark.parametrize(("rate", "cutoff"), [(25, 6), (30, 6), (29.97, 12), (60, 6), (240, 10), (5, 1)])
@pytest.mark.parametrize(("method", "within"), [("butterworth", 1e-4), ("one-euro", 0.06)])
def test_at_the_cutoff_a_root_of_half_is_left_and_nothing_is_late(method, within, rate, cutoff):
    times = np.arange(40 * round(rate / cutoff) + 200) / rate
    middle = slice(len(times) // 4, -len(times) // 4)
    wave = np.exp(2j * np.pi * cutoff * times) * 1e-3  # so slow that one-euro takes it to be at rest
    found = smooth(times, wave.real, method, cutoff, rate=rate) + 1j * smooth(
        times, wave.imag, method, cutoff, rate=rate
    )
    gain = (found / wave)[middle]
    assert gain.real == pytest.approx(np.sqrt(0.5), abs=within) and np.abs(gain.imag).max() < 1e-2


@pytest.mark.parametrize("periods", [3, 5, 8, 10, 20, 40.5])
def test_the_window_of_savgol_is_that_whose_gain_at_the_cutoff_is_nearest_to_it(periods):
    (impulse,) = np.flatnonzero(path := np.arange(201) == 100)
    kernel = savitzky_golay(path.astype(float), periods, 1)
    width = np.count_nonzero(np.abs(kernel) > 1e-9) // 2 * 2 + 1

    def beside(width):
        gain = savgol_coeffs(width, 3) @ np.cos(2 * np.pi * (np.arange(width) - width // 2) / periods)
        return abs(gain - np.sqrt(0.5))

    assert kernel.sum() == pytest.approx(1) and kernel.argmax() == impulse
    assert beside(width) == min(map(beside, range(5, 99, 2)))


def test_butterworth_is_scipys_of_order_2_twice_at_a_corrected_cutoff():
    """Winter's correction, 0.802, is of the tangent: at 6 of 30 Hz each pass has 7.03 Hz, not 6 / 0.802."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 3, 2)).cumsum(axis=0)
    by_hand = np.arctan(np.tan(np.pi * 6 / 30) / 0.80217) / np.pi * 30
    assert by_hand == pytest.approx(7.03, abs=0.01)
    expected = sosfiltfilt(butter(2, by_hand, fs=30, output="sos"), values, axis=0)
    np.testing.assert_allclose(butterworth(values, 30, 6)[20:-20], expected[20:-20], atol=1e-3)


@each_method
def test_backwards_is_the_same(method):
    """Which a filter that lags is not."""
    rng = np.random.default_rng(1)
    values, times = rng.normal(size=120).cumsum(), np.arange(120) / RATE
    np.testing.assert_allclose(smooth(times, values[::-1], method)[::-1], smooth(times, values, method), atol=1e-4)


@each_method
@pytest.mark.parametrize("uneven", [False, True])
def test_who_moves_steadily_is_where_they_were(method, uneven):
    """Whatever the weights: a filter of products divided by one of weights would run to the side of the strong ones."""
    rng = np.random.default_rng(2)
    times = np.arange(90) / RATE
    times = np.delete(times + rng.uniform(0, 0.012, 90), [20, 21, 50]) if uneven else times
    weight = np.where(np.arange(len(times)) < 45, 1.0, 0.1)
    found = smooth(times, 40 * times, method, weight=weight)
    np.testing.assert_allclose(found[8:-8], 40 * times[8:-8], atol=0.4 if method in ("median", "one-euro") else 1e-2)


def test_uneven_times_are_true_times():
    """A phone's frames that come 20 to 60 ms apart; taken for even ones they make the filter blur."""
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.choice([0.02, 0.033, 0.06], 300))
    truth = np.sin(2 * np.pi * times)
    noisy = truth + rng.normal(0, 0.05, 300)
    found = smooth(times, noisy)
    assert np.abs(found - truth)[10:-10].max() < 0.12
    assert np.std(found - truth) < 0.75 * np.std(noisy - truth)
    assert np.abs(smooth(times, truth) - truth)[10:-10].max() < 0.01


def test_whole_milliseconds_count_as_even():
    times = np.arange(300) / 29.97
    values = np.sin(2 * np.pi * times)
    np.testing.assert_allclose(smooth(times.round(3), values), smooth(times, values), atol=1e-4)


@each_method
def test_a_weak_outlier_moves_the_path_less_than_a_strong_one(method):
    times, values = np.arange(60) / RATE, np.zeros(60)
    values[30] = 1
    weak, strong = np.ones(60), np.ones(60)
    weak[30] = 0.1
    pulled = [np.abs(smooth(times, values, method, weight=weight)).max() for weight in (weak, strong)]
    if method == "median":
        assert pulled == [0, 0]
    else:
        assert pulled[0] < (0.85 if method == "one-euro" else 0.4) * pulled[1]  # which follows what is fast


@each_method
def test_who_is_weak_throughout_is_filtered_like_anybody(method):
    rng = np.random.default_rng(4)
    times, values = np.arange(80) / RATE, rng.normal(size=80)
    assert (smooth(times, values, method, weight=0.2) == smooth(times, values, method)).all()


@each_method
@pytest.mark.parametrize(("rate", "cutoff"), [(30, 6), (120, 6), (5, 1), (13, 6)])
def test_what_is_too_short_stays_as_it_is(method, rate, cutoff):
    rng = np.random.default_rng(5)
    least = shortest(rate, cutoff)
    for count in (1, 2, 3, 4, least - 1, least, least + 1):
        times, values = np.arange(count) / rate, rng.normal(size=count)
        same = (smooth(times, values, method, cutoff, rate=rate) == values).all()
        assert same == (count < least), count
