"""Draws people and labels on a picture: RGB, or the planes of a frame as the decoder gave them.

In: a picture and people, those of the frames around it where a style needs them. Out: the same picture, drawn on. Of
the other rooms it imports none.
"""

from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import PLAIN, person_colors
from posecore.overlay.frame import draw_frame, reach
from posecore.overlay.skeleton import draw_label, draw_pose

__all__ = ["PLAIN", "Canvas", "draw_frame", "draw_label", "draw_pose", "person_colors", "reach"]
