"""Odd colours: RGB and palettes, matrix tags that lie, full range, greys, an alpha channel."""

import numpy as np
import pytest
from odd_files import CONTAINERS, convert, pictures

BARS = np.array([(200, 40, 40), (40, 160, 40), (40, 60, 200), (220, 220, 220), (128, 128, 128), (30, 30, 30)])
GREYS = np.array([88, 110, 70, 220, 128, 30]).reshape(6, 1).repeat(3, axis=1)
COLORS = """
    rgb-h264.mp4 gbrp-h264.mkv rgb-png.mov rgb-raw.avi rgb-raw.mov rgb-ffv1.mkv rgb-qtrle.mov palette-png.mov
    gbr-tag.mp4 bt601.mp4 bt709.mp4 bt2020.mp4 yuv444p.mp4 yuv422p10.mp4 full-range.mp4 yuvj420p.mp4 mjpeg.avi
    alpha-png.mov alpha-prores.mov half-alpha-qtrle.mov alpha-vp9.webm rgb-1280-wide.mov
"""
GREY = "grey.mp4 grey-full-range.mkv grey16.mkv"


def check(source, target, expected):
    done = convert(source, target)
    shown = pictures(target)
    assert len(shown.frames) == len(done.ms) == (2 if "raw" in source.name else 5) and not done.problems
    for number in range(len(shown.frames)):
        np.testing.assert_allclose(shown.bars(number), expected, atol=6)
    assert shown.matrix in (1, 4, 5, 6, 7, 9)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", COLORS.split())
def test_colours(odd, tmp_path, name, suffix):
    check(odd / f"color-{name}", tmp_path / f"out{suffix}", BARS)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", GREY.split())
def test_greys(odd, tmp_path, name, suffix):
    check(odd / f"color-{name}", tmp_path / f"out{suffix}", GREYS)


@pytest.mark.parametrize("name", COLORS.split())
def test_colours_that_the_model_sees(odd, name):
    from posecore.video import VideoReader

    with VideoReader(odd / f"color-{name}") as video:
        image = next(iter(video)).image
    width = image.shape[1] // 6
    np.testing.assert_allclose(image[image.shape[0] // 2, width // 2 :: width], BARS, atol=6)
