"""Draw docs/skeleton.png: moments of the demo clip side by side, from its JSON. Run `make demo` first."""

from pathlib import Path

import cv2
import numpy as np

from posecore import Keypoints, Person, draw_pose, read_document

ROOT = Path(__file__).parent.parent
MOMENTS = 49, 59, 89, 109, 149, 164  # frames
HEIGHT, GROUND, GAP = 468, 412, 48  # pixels of the picture: of all, of the feet, between two moments
ROOF, SCALE = 440, 0.98  # where the feet are in the clip; pixels of the picture to one of the clip
FINE = 2  # it is drawn so many times as large and averaged
BACKGROUND, LINE, GREY = (24, 27, 33), (52, 57, 66), (120, 127, 140)

_, frames = read_document(ROOT / "out" / "demo.json")
moments = [frames[moment] for moment in MOMENTS]
boxes = np.array([moment.persons[0].box for moment in moments])
widths = (boxes[:, 2] - boxes[:, 0]) * SCALE
lefts = GAP * np.arange(1, len(moments) + 1) + np.concatenate([[0], widths[:-1].cumsum()])
width = round(widths.sum() + GAP * (len(moments) + 1))

canvas = np.full((HEIGHT * FINE, width * FINE, 3), BACKGROUND, np.uint8)
cv2.line(canvas, (0, (GROUND + 8) * FINE), (width * FINE, (GROUND + 8) * FINE), LINE, FINE)
for moment, box, left, wide in zip(moments, boxes, lefts, widths, strict=True):
    keypoints = moment.persons[0].keypoints
    xy = (keypoints.xy - np.array([box[0], ROOF])) * SCALE + np.array([left, GROUND])
    draw_pose(canvas, [Person.around(Keypoints((xy * FINE).astype(np.float32), keypoints.score))])
    place = round((left + wide / 2 - 18) * FINE), (GROUND + 38) * FINE
    seconds = f"{moment.timestamp_ms / 1000:.1f} s"
    cv2.putText(canvas, seconds, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * FINE, GREY, FINE, cv2.LINE_AA)
picture = cv2.resize(canvas, (width, HEIGHT), interpolation=cv2.INTER_AREA)
cv2.imwrite(str(ROOT / "docs" / "skeleton.png"), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
