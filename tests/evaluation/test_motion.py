"""Jitter, lag and kept speed, on motions for which they are known."""

import numpy as np
import pytest
from golden import pose_1

from posecore.evaluation import golden_folder, jitter, kept_speed, lag, read_golden

TIMES = np.cumsum(np.tile([0.02, 0.04], 60))


def swing(times, lag=0.0, amplitude=50.0):
    """(n, 2, 2): two points that swing at 1 Hz."""
    angle = 2 * np.pi * (times - lag)
    there = amplitude * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return np.stack([there, 100 - there], axis=1)


def test_jitter_is_acceleration():
    fall = np.stack([0 * TIMES, 4.9 * TIMES**2], axis=-1)[:, None]
    assert jitter(TIMES, fall, 1) == pytest.approx(9.8) and jitter(TIMES, fall * 3, 6) == pytest.approx(4.9)
    assert jitter(TIMES, np.stack([TIMES, -TIMES], axis=-1)[:, None], 1) == pytest.approx(0, abs=1e-9)
    assert jitter(TIMES, swing(TIMES), 50) == pytest.approx((2 * np.pi) ** 2, rel=0.02)
    fall[40] = np.nan
    assert jitter(TIMES, fall, 1) == pytest.approx(9.8)


@pytest.mark.parametrize("late", [-0.05, 0, 0.016, 0.1])
def test_lag(late):
    found = swing(TIMES, late) + np.array([7, -3])
    assert lag(TIMES, found, swing(TIMES)) == pytest.approx(late, abs=0.0021)
    found[50:53] = np.nan
    assert lag(TIMES, found, swing(TIMES)) == pytest.approx(late, abs=0.0021)


def test_kept_speed():
    rng, truth = np.random.default_rng(0), swing(TIMES)
    assert kept_speed(TIMES, truth * 0.8 + 5, truth) == pytest.approx(0.8)
    times = np.arange(20000) * 0.03
    noisy = swing(times) * 0.8 + rng.normal(0, 1, (20000, 2, 2))
    noisy[7] = np.nan
    assert kept_speed(times, noisy, swing(times)) == pytest.approx(0.8, abs=0.01)


def test_golden_files(videos, tmp_path, monkeypatch):
    assert pose_1(videos).shape == (120, 17, 2)
    squats = read_golden(videos / "pose_squats.full.json")
    assert squats.shape == (65, 17, 2) and (squats[:, 0, 1] < squats[:, 15, 1]).all()  # the head is above the feet
    (tmp_path / "other.json").write_text('[{"nose": 1}]')
    with pytest.raises(ValueError, match=r"other.json: neither 33 landmarks a frame nor keypoints by name"):
        read_golden(tmp_path / "other.json")
    monkeypatch.setenv("POSECORE_DATA", str(videos.parent))
    assert golden_folder() == videos
    monkeypatch.setenv("POSECORE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"no pose_1.mp4; it is test data of .* set POSECORE_DATA"):
        golden_folder()
