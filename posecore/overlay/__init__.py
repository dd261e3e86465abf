"""Draws skeletons and labels on a picture: RGB, or the planes of a frame as the decoder gave them.

In: a picture and people. Out: the same picture, drawn on. Of the other rooms it imports none.
"""

from posecore.overlay.canvas import Canvas
from posecore.overlay.colors import PLAIN, person_colors
from posecore.overlay.skeleton import draw_label, draw_pose

__all__ = ["PLAIN", "Canvas", "draw_label", "draw_pose", "person_colors"]
