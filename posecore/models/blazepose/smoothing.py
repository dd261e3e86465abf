"""Calmer landmarks in a video: a low pass of the visibility and One-Euro filters of the coordinates."""

from dataclasses import replace

import numpy as np

from posecore.one_euro import Floats, LowPass, OneEuro
from posecore.pose import Landmarks

VISIBILITY_ALPHA = 0.1
PICTURE = 0.05, 80.0  # cut-off at rest in Hz, and by how much it grows with speed
WORLD = 0.1, 40.0  # the same of landmarks in metres


class Smoother:
    """The filters of one person in one video."""

    def __init__(self) -> None:
        self._visibility, self._coordinates, self._metres = LowPass(), OneEuro(*PICTURE), OneEuro(*WORLD)

    def __call__(
        self, xyz: Floats, visibility: Floats, timestamp_ms: int, object_scale: float
    ) -> tuple[Floats, Floats]:
        """Smoothed coordinates and visibility. xyz: (33, 3) in pixels; timestamps grow; see `OneEuro`."""
        return self._coordinates(xyz, timestamp_ms, object_scale), self._visibility(visibility, VISIBILITY_ALPHA)

    def landmarks(self, found: Landmarks, size: tuple[int, int], timestamp_ms: int, object_scale: float) -> Landmarks:
        """Smoothed landmarks of a picture of `size`, (width, height), pixels; with those in metres if it has any."""
        width, height = size
        pixels = np.array([width, height, width], np.float32)
        xyz, visibility = self(found.xyz * pixels, found.visibility, timestamp_ms, object_scale)
        world = None if found.world is None else self.world(found.world, timestamp_ms)
        return replace(found, xyz=xyz / pixels, visibility=visibility, world=world)

    def world(self, metres: Floats, timestamp_ms: int) -> Floats:
        """Smoothed coordinates in metres, (33, 3), whose speed is taken as it is."""
        return self._metres(metres, timestamp_ms, 1.0)

    def lost(self) -> None:
        """A frame without the person: coordinates begin anew, as in MediaPipe, and the visibility goes on."""
        self._coordinates, self._metres = OneEuro(*PICTURE), OneEuro(*WORLD)
