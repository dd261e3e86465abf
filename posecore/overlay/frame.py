"""All that is drawn on a frame: what is behind people, the ways they came, and they."""

from collections.abc import Mapping, Sequence

from posecore.options import Style
from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import BLACK
from posecore.overlay.faces import AHEAD_MS, HELD_MS, faces_of
from posecore.overlay.skeleton import draw_pose, line_width
from posecore.overlay.trails import draw_trails
from posecore.pose import FramePose


def reach(style: Style) -> tuple[int, int]:
    """How many milliseconds before a frame and after it others count for what is drawn on it."""
    before, after = (HELD_MS, AHEAD_MS) if style.background == "blur-faces" else (0, 0)
    return max(before, round(1000 * style.trail)), after


def draw_frame(
    canvas: Canvas, frame: FramePose, style: Style, around: Sequence[FramePose] = (), names: Mapping[int, str] = {}
) -> None:
    """Draw the people of a frame.

    around: the frames from the first to the last that are within `reach`, itself too; it needs none where that is 0.
    names: of people by their ids.
    """
    if style.background == "black":
        canvas.fill(BLACK)
    elif style.background == "blur-faces":
        for x, y, radius in faces_of(frame, around):
            canvas.blur((x, y), radius)
    if style.trail:
        draw_trails(canvas, frame, around, style, line_width(canvas, style))
    draw_pose(canvas, frame.persons, style, names)
