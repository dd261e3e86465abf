"""The ways that hands and feet came, thin where they were long ago."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from posecore.coco import KEYPOINT_NAMES
from posecore.options import Style
from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import colors_of
from posecore.overlay.people import people_of
from posecore.pose import FramePose, Person

ENDS = [KEYPOINT_NAMES.index(f"{side}_{end}") for side in ("left", "right") for end in ("wrist", "ankle")]
FASTEST = 6  # times the longer side of the box in a second, 10 m/s: what is faster is a mistake of the network


def draw_trails(canvas: Canvas, frame: FramePose, around: Sequence[FramePose], style: Style, width: float) -> None:
    """Draw where wrists and ankles of everyone were in the last `style.trail` seconds.

    around: the frames of that time, in order, among others. width: of the newest part, in pixels.
    """
    now, longest = frame.timestamp_ms, 1000 * style.trail
    past = [other for other in around if now - longest <= other.timestamp_ms <= now]
    for one, other in pairwise(past):
        before, after = people_of(one), people_of(other)
        thickness = width * (1 - (now - other.timestamp_ms) / longest)
        for who in before.keys() & after.keys():
            colors = colors_of(after[who], who, style)
            for i in _followed(before[who], after[who], (other.timestamp_ms - one.timestamp_ms) / 1000, style):
                (start,), (end,) = (canvas.reachable(person.keypoints.xy[[i]]) for person in (before[who], after[who]))
                canvas.line(start, end, colors.of(i), thickness)


def _followed(before: Person, after: Person, seconds: float, style: Style) -> list[int]:
    """The ends that are seen in both frames, and not too far apart to be the same."""
    seen = (before.keypoints.score >= style.min_score) & (after.keypoints.score >= style.min_score)
    steps = np.hypot(*(after.keypoints.xy - before.keypoints.xy).T)
    near = steps <= FASTEST * seconds * float((after.box[2:] - after.box[:2]).max())
    return [i for i in ENDS if seen[i] and near[i]]
