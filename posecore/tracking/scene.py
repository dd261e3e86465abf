"""What a video shows as a whole: where it is cut, and whether something stirs where nobody is followed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from posecore.pose import Floats, Image

COLUMNS, ROWS = 64, 36  # of the small picture that is looked at
POINTS = 5  # along each side of a cell, whose mean it is: the mean of all pixels takes 1.5 to 4.5 times as long
RANGES = [0, 256, 64, 192, 64, 192]  # of L, a and b in OpenCV's bytes
# Neither is reached from frame to frame by a camera that is swung round (0.15 and 0.05), both are between any two of
# 15 videos of other things (0.30 and 0.08 at least).
OTHER_PLACES = 0.25  # 1 − correlation of the lightness
OTHER_COLORS = 0.06  # 1 − Bhattacharyya coefficient of the colours
STIRRED = 18  # levels of lightness by which a cell has changed
CELLS = 3  # of those, from which on somebody may have come: a person of 40 pixels in 640 has about 6
AROUND = 0.25  # of the size of a box: what changes there is the person's doing


class Scene:
    """Show it each picture of a video in turn."""

    def __init__(self) -> None:
        self._cells: NDArray[np.uint8] | None = None
        self._remembered: NDArray[np.uint8] | None = None
        self._taken = np.zeros((ROWS, COLUMNS), bool)

    def cut_before(self, image: Image) -> bool:
        """Whether there is a cut before this picture, (height, width, 3) uint8 RGB, the next one."""
        points = cv2.resize(image, (POINTS * COLUMNS, POINTS * ROWS), interpolation=cv2.INTER_LINEAR)
        small = cv2.resize(points, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
        last, cells = self._cells, np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.uint8)
        self._cells, self._size = cells, (image.shape[1], image.shape[0])
        return last is not None and is_cut(last, cells)

    def remember(self, boxes: Floats) -> None:
        """The finder looks at this picture; boxes: (n, 4) x0, y0, x1, y1 in pixels, of those who are followed."""
        self._remembered, self._taken = self._cells, self._cells_of(boxes)

    def stirs(self, boxes: Floats) -> bool:
        """Whether something has changed since then where nobody is followed, who are in these boxes by now."""
        if self._remembered is None or self._cells is None:
            return True
        changed = cv2.absdiff(self._cells[..., 0], self._remembered[..., 0]) > STIRRED
        return int((changed & ~self._taken & ~self._cells_of(boxes)).sum()) >= CELLS

    def _cells_of(self, boxes: Floats) -> NDArray[np.bool_]:
        """Which cells boxes cover, with a margin."""
        covered = np.zeros((ROWS, COLUMNS), bool)
        per_column, per_row = self._size[0] / COLUMNS, self._size[1] / ROWS
        for x0, y0, x1, y1 in boxes.tolist():
            margin = AROUND * max(x1 - x0, y1 - y0)
            left, right = int((x0 - margin) / per_column), int((x1 + margin) / per_column) + 1
            top, bottom = int((y0 - margin) / per_row), int((y1 + margin) / per_row) + 1
            covered[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
        return covered


def is_cut(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether two small pictures, (ROWS, COLUMNS, 3) uint8 CIELAB, are of two scenes."""
    half = COLUMNS // 2, ROWS // 2
    one, other = (cv2.resize(cells, half, interpolation=cv2.INTER_AREA) for cells in (before, after))
    light, light_after = (cells[..., 0] - cells[..., 0].mean() for cells in (one, other))
    scale = float(np.sqrt((light**2).sum() * (light_after**2).sum()))
    if not scale or 1 - float((light * light_after).sum()) / scale <= OTHER_PLACES:
        return False
    histograms = [cv2.calcHist([cells], [0, 1, 2], None, [8] * 3, RANGES).ravel() for cells in (one, other)]
    return 1 - float(np.sqrt(histograms[0] * histograms[1]).sum()) / one[..., 0].size > OTHER_COLORS
