"""What a meter says, by a clock that the test turns."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from posecore.pipeline import meter as module
from posecore.pipeline.live_meter import SETTLING, LiveMeter
from posecore.pipeline.meter import LABEL_SECONDS, WINDOW, Meter, Tally
from posecore.pose import FramePose, Keypoints, Person

SOMEBODY = Person.around(Keypoints(np.ones((17, 2), np.float32), np.ones(17, np.float32)))


class Clock:
    """Stands in for the module `time` of the meter."""

    now = 1000.0

    def perf_counter(self):
        return self.now


def found(somebody=True):
    return FramePose(0, 0, (SOMEBODY,) if somebody else ())


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_the_label_is_the_rate_of_the_run_and_the_mean_of_the_inference(clock):
    meter = Meter()
    for milliseconds in (10, 20, 30, 40):
        clock.now += 0.125
        meter.count(milliseconds, found())
    assert meter.label() == "8.0 FPS  25.0 ms/frame"


def test_the_label_looks_back_on_so_many_frames_only(clock):
    meter = Meter()
    for _ in range(100):
        clock.now += 1
        meter.count(500, found())
    for _ in range(WINDOW):
        clock.now += 0.0625
        meter.count(12.25, found())
    assert meter.label() == "16.0 FPS  12.2 ms/frame"


def test_the_label_stays_long_enough_to_be_read(clock):
    meter, said = Meter(), []
    for number in range(50):
        clock.now += 0.0625 if number < 25 else 0.03125
        meter.count(number, found())
        said.append((clock.now, meter.label()))
    changes = [time for (_, before), (time, after) in pairwise(said) if before != after]
    assert len(changes) > 5
    assert all(b - a >= LABEL_SECONDS for a, b in pairwise(changes))
    assert all(b - a < LABEL_SECONDS + 0.0626 for a, b in pairwise(changes))


def test_frames_to_warm_up_on_do_not_slow_the_label_down(clock):
    meter = Meter()
    for _ in range(20):
        clock.now += 1
        meter.warm_up()
    clock.now += 0.25
    meter.count(40, found(False))
    assert meter.label() == "4.0 FPS  40.0 ms/frame"


def test_a_label_before_the_first_look(clock):
    """As in a segment that begins with frames that are filled in."""
    meter = Meter()
    clock.now += 0.25
    meter.count_filled(found())
    assert meter.label() == "4.0 FPS"


def test_the_summary_counts_everything(clock):
    meter = Meter()
    for number in range(1, 101):
        clock.now += 0.02
        meter.count(number, found(number % 4 == 0))
    summary = meter.summary(("a.mp4: 1 damaged part stepped over",))
    assert (summary.frames, summary.frames_with_person) == (100, 25)
    assert summary.seconds == pytest.approx(2)
    assert summary.inference_ms == pytest.approx((50.5, 95.05))
    assert summary.warnings == ("a.mp4: 1 damaged part stepped over",)
    said = str(summary)
    assert said == "100 frames, 25.0% with a person, 50.0 frames/s, inference 50.5 ms median, 95.0 ms p95"
    meter.count(1, FramePose(101, 3000, found(True).persons * 3))
    assert ", 25.7% with a person, up to 3 people at once, 50" in str(meter.summary(()))


def test_a_tally_is_the_series_by_size_in_little_room():
    """A day of 30 frames a second: no more than the tenths of milliseconds that there are."""
    tally, rng = Tally(), np.random.default_rng(0)
    series = np.round(rng.gamma(20, 1, 10_000), 1).astype(np.float32)
    for milliseconds in series:
        tally.append(float(milliseconds))
    np.testing.assert_allclose(np.array(tally), np.sort(series), atol=1e-5)
    assert len(tally) == 10_000 and tally[-3:] == pytest.approx(series[-3:]) and len(tally._counts) < 500


def test_what_is_dropped_when_a_source_is_opened_is_not_for_the_network_to_blame():
    """At the start and after a break of it."""
    slot = SimpleNamespace(dropped=0)
    meter = LiveMeter(SimpleNamespace(skipped=0, damaged=0), slot)

    def dropped(until, arrived):
        slot.dropped = until
        meter.late(arrived, 10)
        causes = dict(meter.dropped)
        return causes["at the start"], causes["busy"]

    assert dropped(5, 100) == (5, 0) and dropped(6, 100 + SETTLING / 2) == (6, 0)
    assert dropped(8, 100 + 2 * SETTLING) == (6, 2)
    meter.begin_anew()
    assert dropped(20, 200) == (18, 2) and dropped(21, 200 + 2 * SETTLING) == (18, 3)
