"""From the decoder's picture to an upright one with square pixels, in the right colours."""

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import Interpolation
from media import decode

from posecore.video import VideoReader
from posecore.video.color import Color
from posecore.video.frame import Orientation, Upright, plane_array

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def gray_difference(a, b):
    return np.abs(a.mean(axis=2) - b.mean(axis=2)).mean()


def shown(path, number=0):
    with VideoReader(path) as video:
        return next(frame.image for frame in video if frame.index == number)


def check_upright(path, degrees):
    """It is the stored picture turned clockwise, and not counterclockwise."""
    stored, upright = decode(path, 0)[0], shown(path)
    # swscale's quick conversion, which `decode` uses, blurs colours another way.
    assert gray_difference(upright, np.rot90(stored, -degrees // 90)) < 1.5
    assert gray_difference(upright, np.rot90(stored, -degrees // 90 + 2)) > 20


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_recordings_come_upright(made, degrees):
    check_upright(made / f"turned_{degrees}.mov", degrees)


def test_real_turned_recordings_come_upright(videos):
    for degrees in (0, 90, 180, 270):
        check_upright(videos / f"video_{degrees}.mov", degrees)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_all_eight_display_matrices(turns, mirrored):
    """The matrix is applied to the corner pixels by its definition; the picture must put them in the same places."""
    image = np.arange(6, dtype=np.uint8).reshape(2, 3, 1).repeat(3, axis=2)
    a, b, c, d = [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)][turns]
    if mirrored:
        a, b = -a, -b
    q, p = np.mgrid[:2, :3]
    x, y = a * p + c * q, b * p + d * q
    expected = np.empty((np.ptp(y) + 1, np.ptp(x) + 1), np.uint8)
    expected[y - y.min(), x - x.min()] = image[..., 0]
    orientation = Orientation(True, c < 0, b < 0) if b else Orientation(False, a < 0, d < 0)
    np.testing.assert_array_equal(orientation.apply(image)[..., 0], expected)


def check_square_pixels(path, number):
    """Twice as wide as stored, by linear interpolation."""
    stored, upright = decode(path, number)[0], shown(path, number)
    height, width = stored.shape[:2]
    assert upright.shape == (height, 2 * width, 3)
    assert gray_difference(upright, cv2.resize(stored, (2 * width, height))) < 1.5


def test_anamorphic_pixels_become_square(made):
    check_square_pixels(made / "wide_pixels.mp4", 20)


def test_anamorphic_pixels_of_a_real_video_become_square(videos):
    check_square_pixels(videos / "sar_2x1.mp4", 75)


def check_bt709(path, number):
    """A frame that says BT.709: red, green and blue as with that matrix, not as with BT.601."""
    with av.open(str(path)) as container:
        frame = next(frame for n, frame in enumerate(container.decode(video=0)) if n == number)
    assert frame.colorspace == 1
    actual = shown(path, number).mean(axis=(0, 1))
    right, wrong = (
        frame.reformat(format="rgb24", src_colorspace=matrix, interpolation=EXACT).to_ndarray().mean(axis=(0, 1))
        for matrix in ("itu709", "itu601")
    )
    assert np.abs(actual - right).max() < 0.3
    assert np.abs(actual - wrong).max() > 0.8


def test_colours_are_those_of_the_coded_matrix(made):
    check_bt709(made / "phone.mp4", 10)


def test_colours_of_a_real_video_are_those_of_the_coded_matrix(videos):
    check_bt709(videos / "rotate-buck-bunny.mp4", 40)


def test_a_picture_of_quite_another_size_in_the_middle():
    """As damage makes them: swscale does not average over so many rows."""
    color = Color(matrix=6)
    picture = av.VideoFrame.from_ndarray(np.full((8256 * 3 // 2, 96), 90, np.uint8), "yuv420p")
    shown = Upright((4192, 64), Orientation(False, False, False), color).yuv(picture, "yuv420p")
    assert (shown.width, shown.height) == (4192, 64) and plane_array(shown.planes[0]).std() == 0


def test_colours_of_an_unknown_kind_in_the_middle():
    """Rather wrong than none: they are taken for those of the first picture."""
    upright = Upright((96, 64), Orientation(False, False, False), Color(matrix=6))
    picture = av.VideoFrame.from_ndarray(np.full((96, 96), 90, np.uint8), "yuv420p")
    picture.colorspace = 8  # YCgCo
    assert (plane_array(upright.yuv(picture, "yuv420p").planes[0]) == 90).all()
