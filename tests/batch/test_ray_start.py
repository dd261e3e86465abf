"""A Ray cluster that does not start: said in one line, without Ray's own words for it."""

from types import SimpleNamespace

import pytest

from posecore.batch import ray_cluster
from posecore.batch.manifest import Record
from posecore.batch.task import Task


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


class Fault(Exception):
    """In the place of Ray's own."""


def test_what_ray_gives_up_is_a_video_that_failed():
    def get(reference):
        raise Fault("The worker died\nof much.")

    ray = SimpleNamespace(get=get, exceptions=SimpleNamespace(RayError=Fault))
    task = Task("a.mp4", None, None, Record("a", "a.mp4", 1, "", "", ()))
    assert ray_cluster._record(ray, "reference", task).error == "a.mp4: given up by Ray (The worker died)"
