"""A Ray cluster that does not start: said in one line, without Ray's own words for it."""

from types import SimpleNamespace

import pytest

from posecore.batch import ray_cluster


def fake_ray(monkeypatch, failures):
    """A module in Ray's place whose `init` fails so many times as on a machine that is too busy."""
    calls = []

    def init(*arguments, **options):
        calls.append("init")
        if calls.count("init") <= failures:
            raise Exception("The current node timed out during startup. This could happen because\nof much.")

    ray = SimpleNamespace(init=init, shutdown=lambda: calls.append("shutdown"))
    monkeypatch.setattr(ray_cluster, "_import", lambda: ray)
    return ray, calls


def test_a_slow_start_is_tried_again(monkeypatch):
    ray, calls = fake_ray(monkeypatch, 2)
    with ray_cluster.connected(None, 2) as connected:
        assert connected is ray
    assert calls == ["init", "shutdown", "init", "shutdown", "init", "shutdown"]


def test_what_never_starts_is_said_in_one_line(monkeypatch):
    _, calls = fake_ray(monkeypatch, 99)
    with pytest.raises(ValueError, match=r"^--ray: no cluster could be started here, 3 times \(The current") as failed:
        with ray_cluster.connected(None):
            pass
    assert "\n" not in str(failed.value) and "leave --ray out" in str(failed.value)
    assert calls.count("init") == 3
