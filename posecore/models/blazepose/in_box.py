"""BlazePose's own detector in the box of a person finder: it sees 224 pixels of that, and not of the whole picture."""

import dataclasses

import numpy as np

from posecore.models.blazepose.detector import Detection, DetectorRequest
from posecore.pose import Floats, Image

MIN_SCORE = 0.02  # of a detection in a box; what is weaker is nobody
AROUND_BOX = 1.5  # times the box is what the detector sees


def detect_in_box(image: Image, box: Floats, detect: DetectorRequest) -> Detection | None:
    """The surest detection around a box, x0, y0, x1, y1 in pixels; its region is one of the whole picture."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = enlarged(box, width, height)
    found = detect(np.ascontiguousarray(image[y0:y1, x0:x1]))
    if not found:
        return None
    return dataclasses.replace(found[0], roi=found[0].roi.moved((x0, y0), (x1 - x0, y1 - y0), (width, height)))


def enlarged(box: Floats, width: int, height: int, factor: float = AROUND_BOX) -> tuple[int, int, int, int]:
    """A box made so many times as large about its centre, in whole pixels, cut at the picture; never empty."""
    center, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * factor
    low = np.clip(center - half, 0, [width - 1, height - 1])
    x0, y0 = np.floor(low).astype(int)
    x1, y1 = np.ceil(np.minimum(center + half, [width, height])).astype(int)
    return int(x0), int(y0), int(max(x1, x0 + 1)), int(max(y1, y0 + 1))
