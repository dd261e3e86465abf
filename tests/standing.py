"""A made person who stands, 17 keypoints in pixels, and frames with such people."""

from dataclasses import replace

import numpy as np

from posecore.pose import FramePose, Keypoints, Person

POSE = np.array([
    (100, 20), (104, 16), (96, 16), (108, 18), (92, 18), (120, 50), (80, 50), (130, 80), (70, 80),
    (135, 110), (65, 110), (112, 110), (88, 110), (114, 160), (86, 160), (116, 210), (84, 210),
], np.float32)  # fmt: skip
TORSO = 60  # pixels of it, mid-shoulders to mid-hips


def person(track_id=None, x=0.0, score=0.9):
    """Moved to the right by x."""
    made = Person.around(Keypoints(POSE + np.array([x, 0], np.float32), np.full(17, score, np.float32)))
    return replace(made, track_id=track_id)


def frames(*everyone, times=None):
    """A frame for each list of people. times: in ms; 40 ms from one to the next without."""
    times = times or [40 * n for n in range(len(everyone))]
    return [FramePose(n, ms, tuple(persons)) for n, (ms, persons) in enumerate(zip(times, everyone, strict=True))]
