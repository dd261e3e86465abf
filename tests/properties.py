"""What tests of properties share: the same examples every time, however long one takes, and people of any shape."""

import numpy as np
from hypothesis import settings, strategies as st
from hypothesis.extra.numpy import arrays

from posecore.pose import Keypoints, Person

settings.register_profile("posecore", derandomize=True, deadline=None, database=None, max_examples=40)
settings.load_profile("posecore")

places = st.floats(-500, 2500, width=32)  # pixels, in a picture and beyond
lengths = st.floats(4, 2000, width=32)
scores = st.floats(0, 1, width=32)
sizes = st.tuples(st.integers(16, 4000), st.integers(16, 4000))  # (width, height) of a picture


def numbers(*shape, low=-500.0, high=2500.0):
    """An array of float32."""
    return arrays(np.float32, shape, elements=st.floats(low, high, width=32))


@st.composite
def keypoints(draw):
    return Keypoints(draw(numbers(17, 2)), draw(numbers(17, low=0, high=1)))


@st.composite
def people(draw):
    """Somebody of 20 pixels or more."""
    found = draw(keypoints())
    found.xy[:2] = found.xy[0] + np.array([[0, 0], [20, 20]])
    return Person.around(found, draw(scores))


@st.composite
def boxes(draw, most=6):
    """(n, 4), x0, y0, x1, y1."""
    n = draw(st.integers(1, most))
    corner, size = draw(numbers(n, 2)), draw(numbers(n, 2, low=0, high=1000))
    return np.concatenate([corner, corner + size], axis=1)
