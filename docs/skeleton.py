"""Draw docs/skeleton.png: moments of the demo clip side by side on a plain canvas. Run `make demo` first."""

from pathlib import Path

import cv2
import numpy as np

from posecore import Keypoints, Person, draw_pose, read_document

ROOT = Path(__file__).parent.parent
MOMENTS = range(84, 168, 14)
STEP, HEIGHT, SCALE = 180, 520, 1.3

_, frames = read_document(ROOT / "out" / "demo.json")
canvas = np.full((HEIGHT, STEP * len(MOMENTS), 3), 32, np.uint8)
for place, moment in enumerate(MOMENTS):
    (person,) = frames[moment].persons
    middle = (person.box[:2] + person.box[2:]) / 2
    centred = (person.keypoints.xy - middle) * SCALE + np.array([STEP * (place + 0.5), HEIGHT / 2])
    draw_pose(canvas, [Person.around(Keypoints(centred.astype(np.float32), person.keypoints.score))])
cv2.imwrite(str(ROOT / "docs" / "skeleton.png"), cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR))
