import time

import numpy as np

from posecore.evaluation import latency
from posecore.evaluation.latency import Stopwatch, in_turn, machine, measure


def test_a_stage_takes_at_least_what_it_sleeps_and_the_warm_up_is_left_out():
    watch = Stopwatch(warm_up=1)
    for pause in (0.05, 0.001, 0.001):
        with watch("pause"):
            time.sleep(pause)
        with watch("nothing"):
            pass
    assert watch.times()["pause"].shape == (2,) and watch.times()["pause"].min() >= 1
    median, p95 = watch.summary()["nothing"]
    assert 0 <= median <= p95 and list(watch.summary()) == ["pause", "nothing"]


def test_by_the_clock_of_the_process_sleep_takes_nothing():
    watch = Stopwatch(clock=time.process_time)
    with watch("pause"):
        time.sleep(0.2)
    with watch("work"):
        started = time.process_time()
        while time.process_time() < started + 0.05:
            pass
    assert watch.times()["pause"] < 50 <= watch.times()["work"]


def test_measure_counts_its_calls():
    calls = []
    assert np.isfinite(measure(lambda: calls.append(1), repeats=5, warm_up=2)).all()
    assert len(calls) == 7


def test_everything_is_first_as_often():
    orders = [in_turn("abc", number) for number in range(4)]
    assert ["".join(order) for order in orders] == ["abc", "bca", "cab", "abc"]


def test_machine_names_what_matters():
    assert machine()["cores"] >= 1
    assert {"processor", "system", "python", "mediapipe"} <= set(machine())


def test_a_machine_that_says_less(monkeypatch, tmp_path):
    """No /proc, as elsewhere than on Linux; and not every package."""
    monkeypatch.setattr(latency, "Path", lambda name: tmp_path / "missing")
    monkeypatch.setattr(latency, "PACKAGES", ("numpy", "no-such-package"))
    assert machine()["processor"] and "numpy" in machine() and "no-such-package" not in machine()
