"""What a writer writes: the frames that it is given, at their times, or nothing."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from media import copy, decode, demux, top_level_boxes

from posecore.video import VideoInfo, VideoWriter
from posecore.video.container import FORMATS

INFO = VideoInfo(width=64, height=48, fps=Fraction(25), time_base=Fraction(1, 25))


def noise(seed=0, height=48, width=64):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def check_copy(source, target):
    """The same frames at the same times, and the same sound, in the codec of the container."""
    before, sounds_before = demux(source)
    after, sounds_after = demux(copy(source, target))
    tick = 0.0011 if target.suffix in (".mkv", ".webm") else 0.0002  # Matroska counts milliseconds
    shift = before.times[0] - after.times[0]
    np.testing.assert_allclose(after.times, np.array(before.times) - shift, atol=tick)
    assert after.end - after.times[0] == pytest.approx(before.end - before.times[0], abs=2 * tick)
    assert after.codec == ("vp9" if target.suffix == ".webm" else "h264")
    assert len(sounds_after) == len(sounds_before)
    for a, b in zip(sounds_after, sounds_before, strict=True):
        frame = 0.06 if a.codec != b.codec else 2 * tick  # an encoder begins with some silence
        assert a.times[0] + shift == pytest.approx(b.times[0], abs=frame)
        assert a.end + shift == pytest.approx(b.end, abs=frame)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "name",
    [
        "av1_late_sound.mp4",
        "phone.mp4",  # the picture starts later than the sound
        "mp3.mp4",
        "live.webm",  # Opus
        "variable_rate.mp4",
        "odd.webm",
        "one_pixel.mp4",
        "ten_bits.mp4",
        "transparent.webm",  # Vorbis
        "reordered.mov",
    ],
)
def test_same_frames_at_the_same_times_with_the_same_sound(made, tmp_path, name, suffix):
    check_copy(made / name, tmp_path / f"out{suffix}")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMATS)
def test_same_frames_of_real_videos_at_the_same_times_with_the_same_sound(videos, tmp_path, suffix):
    for name in (
        "sample_av1.mp4",  # sound starts later than the picture
        "rotate-buck-bunny.mp4",  # the picture starts later than the sound
        "doc_example3.mp4",  # MP3
        "no_duration.webm",  # Opus
        "demo_demo_skeleton.mp4",  # variable frame rate
        "bear-vp9-odd-dimensions.webm",
        "bitmap.mp4",  # 1×1
        "h264_10bits.mp4",
        "transparent.webm",  # Vorbis
    ):
        check_copy(videos / name, tmp_path / f"{name}{suffix}")


def check_pictures_and_tags(source, target, number):
    """The same decoder settings on both files give nearly the same pictures, the stored one lying on its side."""
    before, after = decode(source, number)[0], decode(copy(source, target), number)[0]
    error = np.rot90(before, -1).astype(float) - after
    assert np.abs(error.mean(axis=(0, 1))).max() < 1 and np.abs(error).mean() < 3
    with av.open(str(source)) as a, av.open(str(target)) as b:
        x, y = next(a.decode(video=0)), next(b.decode(video=0))
        for tag in ("colorspace", "color_primaries", "color_trc", "color_range"):
            assert getattr(x, tag) == getattr(y, tag), tag
        assert y.rotation == 0


def test_pictures_and_colour_tags_survive(made, tmp_path):
    check_pictures_and_tags(made / "phone.mp4", tmp_path / "out.mp4", 40)


def test_pictures_and_colour_tags_of_a_real_video_survive(videos, tmp_path):
    check_pictures_and_tags(videos / "rotate-buck-bunny.mp4", tmp_path / "out.mp4", 40)


def test_what_browsers_need(made, tmp_path):
    target = copy(made / "one_person.mp4", tmp_path / "out.mp4")
    boxes = top_level_boxes(target)
    assert boxes.index("moov") < boxes.index("mdat")
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.codec.canonical_name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (480, 848)


def test_odd_sizes_are_kept(tmp_path):
    for suffix, format in ((".mp4", "yuv444p"), (".webm", "yuv420p")):
        info = VideoInfo(width=35, height=21, fps=Fraction(25), time_base=Fraction(1, 25))
        with VideoWriter(tmp_path / f"out{suffix}", info) as writer:
            writer.write(noise(height=21, width=35), Fraction(0), Fraction(1, 25))
        with av.open(str(tmp_path / f"out{suffix}")) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height, stream.codec_context.pix_fmt) == (35, 21, format)


def test_another_suffix_lists_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match=r"out\.avi: cannot write '.avi' video; use one of .mp4, .mov, .mkv, .webm"):
        VideoWriter(tmp_path / "out.avi", INFO)


def test_nothing_is_left_when_the_block_fails(tmp_path):
    (tmp_path / "out.mp4").write_text("old")
    with pytest.raises(KeyboardInterrupt), VideoWriter(tmp_path / "out.mp4", INFO) as writer:
        for i in range(100):
            writer.write(noise(i), Fraction(i, 25), Fraction(1, 25))
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == ["out.mp4"] and (tmp_path / "out.mp4").read_text() == "old"
