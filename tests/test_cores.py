import os

import pytest

from posecore.cores import available_cores


def test_without_a_quota_it_is_the_affinity(tmp_path):
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert available_cores(tmp_path) == affinity
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert available_cores(tmp_path) == affinity


@pytest.mark.parametrize(("quota", "expected"), [(50_000, 1), (100_000, 1), (10_000_000_000, None)])
def test_a_containers_quota_limits_it(tmp_path, quota, expected):
    (tmp_path / "cpu.max").write_text(f"{quota} 100000\n")
    assert available_cores(tmp_path) == (expected or available_cores(tmp_path / "none"))


def test_the_older_way_to_say_it(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert available_cores(tmp_path) == available_cores(tmp_path / "none")
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("90000\n")
    assert available_cores(tmp_path) == 1
