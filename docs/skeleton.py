"""Draw docs/skeleton.png: five moments of the demo clip's keypoints on a plain canvas. Run `make demo` first."""

from pathlib import Path

import cv2
import numpy as np

from posecore import draw_pose, read_document

ROOT = Path(__file__).parent.parent
MOMENTS = (40, 80, 120, 160, 200)

meta, frames = read_document(ROOT / "out" / "demo.json")
canvas = np.full((meta["height"], meta["width"], 3), 32, np.uint8)
for moment in MOMENTS:
    draw_pose(canvas, frames[moment].persons)
small = cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
cv2.imwrite(str(ROOT / "docs" / "skeleton.png"), cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
