"""Odd shapes: too large, slim pixels, parts that are not shown, fields, tracks; and what comes with a picture."""

import numpy as np
import pytest
from odd_files import CONTAINERS, convert, pictures

from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import VideoReader

LARGE = {"wide.mkv": (16400, 32), "high.mkv": (32, 16400)}


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("name", LARGE)
def test_what_is_larger_than_h264_is_refused(odd, tmp_path, name, suffix):
    with pytest.raises(ValueError, match=r": (16400 × 32|32 × 16400) .* 16384 .*; write \.webm, or JSON alone"):
        convert(odd / name, tmp_path / f"out{suffix}")
    with pytest.raises(ValueError, match=rf"{name}: .* 16384 a side; write \.webm, or JSON alone"):
        process_video(odd / name, tmp_path / f"out{suffix}", tmp_path / "out.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", LARGE)
def test_what_is_larger_than_h264_becomes_webm(odd, tmp_path, name):
    done = convert(odd / name, tmp_path / "out.webm")
    shown = pictures(done.path)
    assert done.ms == [0, 100, 200] and not done.problems
    assert len(shown.frames) == 3 and done.size == shown.size == LARGE[name]
    np.testing.assert_allclose(shown.frames[0][16, 16], (64, 96, 128), atol=6)


@pytest.mark.parametrize("name", LARGE)
def test_what_is_larger_than_h264_becomes_json(odd, tmp_path, lite, name):
    assert process_video(odd / name, None, tmp_path / "out.json", Options(model_path=lite)).frames == 3


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_pixels_that_cannot_be_so_slim_are_square(odd, tmp_path, suffix):
    done = convert(odd / "shown-19200-wide.mkv", tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 500, 100)) and done.size == pictures(done.path).size == (96, 64)
    assert len(done.problems) == 1 and "pixels are 200 times as wide as high" in done.problems[0]


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_a_stretched_width_is_even(odd, tmp_path, suffix):
    done = convert(odd / "shown-853-wide.mp4", tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert done.ms == list(range(0, 500, 100)) and not done.problems
    assert done.size == shown.size == (854, 480) and shown.format == "yuv420p"


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["cropped.mkv", "cropped.mov"])
def test_only_the_part_that_is_to_be_shown_is(odd, tmp_path, name, suffix):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert done.ms == list(range(0, 500, 100)) and not done.problems
    assert done.size == shown.size == (72, 48)
    for picture in shown.frames:
        np.testing.assert_allclose(picture, np.broadcast_to((0, 0, 254), picture.shape), atol=8)
    with VideoReader(odd / name) as video:
        for frame in video:
            np.testing.assert_allclose(frame.image, np.broadcast_to((0, 0, 254), (48, 72, 3)), atol=6)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["interlaced.mp4", "interlaced.mpg"])
def test_fields(odd, tmp_path, name, suffix):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 400, 40)) and not done.problems
    assert pictures(done.path).luma == pytest.approx([20 + 10 * n for n in range(10)], abs=5)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["second-is-shown.mkv", "second-is-shown.mp4"])
def test_the_track_that_players_show(odd, tmp_path, name, suffix):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 1000, 100)) and not done.problems
    for picture in pictures(done.path).frames:
        np.testing.assert_allclose(picture, np.broadcast_to((0, 0, 254), picture.shape), atol=6)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize(
    ("name", "size"),
    [("exif.avi", (96, 64)), ("exif.mov", (96, 64)), ("exif-turned.mov", (64, 96))],
)
def test_pictures_with_exif_data(odd, tmp_path, name, size, suffix):
    done = convert(odd / f"side-data-{name}", tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert done.ms == list(range(0, 500, 100)) and not done.problems
    assert done.size == shown.size == size and shown.length == pytest.approx(0.5, abs=0.002)
    for n, picture in enumerate(shown.frames):
        np.testing.assert_allclose(picture[30, 30], (40 * n, 80, 200 - 30 * n), atol=6)


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_pictures_with_a_message_for_an_enhancement_layer(odd, tmp_path, suffix):
    done = convert(odd / "side-data-lcevc.mp4", tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert done.ms == list(range(0, 1000, 100)) and not done.problems
    assert shown.length == pytest.approx(1, abs=0.002)
    assert shown.luma == pytest.approx([20 + 10 * n for n in range(10)], abs=3)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["moving.gif", "moving.png"])
def test_pictures_that_move(odd, tmp_path, name, suffix):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert done.ms == [0, 100, 200, 300, 400] and not done.problems
    assert shown.length == pytest.approx(0.5, abs=0.002)
    for n, picture in enumerate(shown.frames):
        np.testing.assert_allclose(picture[30, 30], (40 * n, 80, 200 - 30 * n), atol=6)
