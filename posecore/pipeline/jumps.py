"""How often a skeleton is somewhere else at once: on another person, mostly."""

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.pose import Keypoints

TORSO = [KEYPOINT_NAMES.index(f"{side}_{name}") for name in ("shoulder", "hip") for side in ("left", "right")]
WITHIN_MS = 500  # between two frames with a person; in more time anybody may have come


class Jumps:
    """Count them, frame after frame."""

    def __init__(self) -> None:
        self.count = 0
        self._last: tuple[int, np.ndarray, float] | None = None

    def see(self, keypoints: Keypoints, timestamp_ms: int) -> None:
        """The next frame with a person: a jump is more than the longer of its torso and that of the frame before."""
        torso = keypoints.xy[TORSO].astype(float)
        shoulders, hips = torso[:2].mean(axis=0), torso[2:].mean(axis=0)
        middle, length = (shoulders + hips) / 2, float(np.hypot(*(shoulders - hips)))
        if self._last is not None:
            before_ms, before, before_length = self._last
            far = float(np.hypot(*(middle - before))) > max(length, before_length)
            self.count += far and timestamp_ms - before_ms <= WITHIN_MS
        self._last = timestamp_ms, middle, length
