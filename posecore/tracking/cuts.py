"""Cuts: where a video goes on with another picture."""

import cv2
import numpy as np

from posecore.pose import Image

SIZE = 32, 18  # of the picture that is compared, in pixels
RANGES = [0, 256, 64, 192, 64, 192]  # of L, a and b in OpenCV's bytes
# Neither is reached from frame to frame by a camera that is swung round (0.15 and 0.05), both are between any two of
# 15 videos of other things (0.30 and 0.08 at least).
OTHER_PLACES = 0.25  # 1 − correlation of the lightness
OTHER_COLORS = 0.06  # 1 − Bhattacharyya coefficient of the colours


class Cuts:
    """Call it with each picture of a video in turn."""

    def __init__(self) -> None:
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    def __call__(self, image: Image) -> bool:
        """Whether there is a cut before this picture, (height, width, 3) uint8 RGB."""
        lab = cv2.cvtColor(cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2Lab)
        light = lab[:, :, 0].astype(np.float32) - lab[:, :, 0].mean()
        colors = cv2.calcHist([lab], [0, 1, 2], None, [8] * 3, RANGES).ravel() / lab[:, :, 0].size
        last, self._last = self._last, (light, colors)
        if last is None:
            return False
        scale = float(np.sqrt((light * light).sum() * (last[0] * last[0]).sum()))
        places = float((light * last[0]).sum()) / scale if scale else 1.0
        return 1 - places > OTHER_PLACES and 1 - float(np.sqrt(colors * last[1]).sum()) > OTHER_COLORS
