import numpy as np
import pytest

from posecore.color import LUMA_WEIGHTS, rgb_to_yuv, yuv_of, yuv_to_rgb
from posecore.video import Color


@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
def test_black_grey_and_white_have_no_colour(matrix):
    assert yuv_of((0, 0, 0), matrix) == (16, 128, 128)
    assert yuv_of((255, 255, 255), matrix) == (235, 128, 128)


def test_known_colours():
    """SMPTE bars at full level: red in BT.601, blue in BT.709."""
    assert yuv_of((255, 0, 0), 6) == (81, 90, 240)
    assert yuv_of((0, 0, 255), 1) == (32, 240, 118)


@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
def test_there_and_back(matrix):
    colors = np.random.default_rng(0).uniform(0, 255, (50, 3))
    yuv = np.column_stack([colors, np.ones(50)]) @ rgb_to_yuv(matrix).T
    back = np.column_stack([yuv, np.ones(50)]) @ yuv_to_rgb(matrix).T
    np.testing.assert_allclose(back, colors, atol=1e-9)


def test_what_is_not_said_is_bt601():
    assert Color().sws_matrix == Color(matrix=2).sws_matrix == 5
    assert Color(matrix=1).sws_matrix == 1
