"""Live runs with a network that takes as long as a test says."""

import threading
import time

import numpy as np
import pytest
from streams import levels, mpegts, tcp

from posecore.models import MODELS
from posecore.options import Options
from posecore.pipeline import live, process_live
from posecore.pose import Keypoints, Person
from posecore.video import LiveInput, LiveSource

RATE = 60
PIECES = mpegts(levels(), RATE)
LITE = Options(model_complexity=0, people=0)


class Slow:
    """Stands in for an estimator that takes so long, and follows one person with the id 1, whose x is the frame's."""

    opened = 0

    def __init__(self, seconds):
        type(self).opened += 1
        self._seconds = seconds

    def __call__(self, frame):
        frame.small(64)
        time.sleep(self._seconds)
        keypoints = Keypoints(np.full((17, 2), frame.index, np.float32), np.ones(17, np.float32))
        return [Person(keypoints, 1.0, np.array([1, 2, 3, 4], np.float32), 1)]

    def close(self):
        pass


@pytest.fixture
def slow(monkeypatch, lite):
    """Have the network be slow: `slow(seconds)`."""
    monkeypatch.setattr(live, "fetch_model", lambda _: (MODELS["blazepose-lite"], lite))

    def set_to(seconds):
        monkeypatch.setattr(Slow, "opened", 0)
        monkeypatch.setattr(live, "estimator_of", lambda *_: Slow(seconds))

    return set_to


def opened(address, **more):
    source = LiveInput("url", str(address))
    return LiveSource(source, **{"retry": 0, "stall": 5, "stop": threading.Event()} | more)


def run(serve, output=None, json=None, source=None, options=LITE, **more):
    """Of what a server sends, as `streams.tcp` takes it."""
    with tcp(serve) as port, opened(f"tcp://127.0.0.1:{port}", **source or {}) as stream:
        return process_live(stream, output, json, options, **more)
