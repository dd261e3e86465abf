import os
from fractions import Fraction

import av
import numpy as np
import pytest
from media import decode, demux, top_level_boxes

from posecore.video import VideoInfo, VideoReader, VideoWriter

INFO = VideoInfo(width=64, height=48, fps=Fraction(25), time_base=Fraction(1, 25))


def copy(source, target):
    with VideoReader(source) as video, VideoWriter(target, video.info, sound_of=source) as writer:
        for frame in video:
            writer.write(frame.image, frame.time, frame.duration)
    return target


def noise(seed=0, height=48, width=64):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize(
    "name",
    [
        "sample_av1.mp4",  # sound starts later than the picture
        "rotate-buck-bunny.mp4",  # the picture starts later than the sound
        "doc_example3.mp4",  # MP3
        "no_duration.webm",  # Opus
        "demo_demo_skeleton.mp4",  # variable frame rate
        "bear-vp9-odd-dimensions.webm",
        "bitmap.mp4",  # 1×1
        "h264_10bits.mp4",
        "transparent.webm",  # Vorbis
    ],
)
def test_same_frames_at_the_same_times_with_the_same_sound(videos, tmp_path, name, suffix):
    before, sounds_before = demux(videos / name)
    after, sounds_after = demux(copy(videos / name, tmp_path / f"out{suffix}"))
    tick = 0.0011 if suffix in (".mkv", ".webm") else 0.0002  # Matroska counts milliseconds
    shift = before.times[0] - after.times[0]
    np.testing.assert_allclose(after.times, np.array(before.times) - shift, atol=tick)
    assert after.end - after.times[0] == pytest.approx(before.end - before.times[0], abs=2 * tick)
    assert after.codec == ("vp9" if suffix == ".webm" else "h264")
    assert len(sounds_after) == len(sounds_before)
    for a, b in zip(sounds_after, sounds_before, strict=True):
        frame = 0.06 if a.codec != b.codec else 2 * tick  # an encoder begins with some silence
        assert a.times[0] + shift == pytest.approx(b.times[0], abs=frame)
        assert a.end + shift == pytest.approx(b.end, abs=frame)


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("sample_av1.mp4", {".mp4": "aac", ".mov": "aac", ".mkv": "aac", ".webm": "opus"}),
        ("doc_example3.mp4", {".mp4": "mp3", ".mov": "mp3", ".mkv": "mp3", ".webm": "opus"}),
        ("no_duration.webm", {".mp4": "opus", ".mov": "aac", ".mkv": "opus", ".webm": "opus"}),
        ("transparent.webm", {".mp4": "aac", ".mov": "aac", ".mkv": "vorbis", ".webm": "vorbis"}),
    ],
)
def test_sound_is_copied_where_the_container_takes_it(videos, tmp_path, name, codecs):
    for suffix, codec in codecs.items():
        _, (sound,) = demux(copy(videos / name, tmp_path / f"out{suffix}"))
        assert sound.codec == codec, suffix


def loudness(path):
    """Root mean square of the sound in steps of 50 ms."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", 8000)
        samples = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    whole = np.concatenate(samples)
    return np.sqrt((whole[: len(whole) // 400 * 400].reshape(-1, 400) ** 2).mean(axis=1))


def test_encoded_sound_is_the_same_sound(videos, tmp_path):
    before = loudness(videos / "doc_example3.mp4")
    after = loudness(copy(videos / "doc_example3.mp4", tmp_path / "out.webm"))
    n = min(len(before), len(after))
    assert n >= 39 and before.max() > 0.01
    assert np.corrcoef(before[:n], after[:n])[0, 1] > 0.98
    assert after[:n].mean() == pytest.approx(before[:n].mean(), rel=0.05)


def test_pictures_and_colour_tags_survive(videos, tmp_path):
    """The same decoder settings on both files give nearly the same pictures."""
    source = videos / "rotate-buck-bunny.mp4"
    target = copy(source, tmp_path / "out.mp4")
    before, after = decode(source, 40)[0], decode(target, 40)[0]
    error = np.rot90(before, -1).astype(float) - after
    assert np.abs(error.mean(axis=(0, 1))).max() < 1 and np.abs(error).mean() < 3
    with av.open(str(source)) as a, av.open(str(target)) as b:
        x, y = next(a.decode(video=0)), next(b.decode(video=0))
        for tag in ("colorspace", "color_primaries", "color_trc", "color_range"):
            assert getattr(x, tag) == getattr(y, tag), tag
        assert y.rotation == 0


def test_what_browsers_need(videos, tmp_path):
    target = copy(videos / "pose_squats.mp4", tmp_path / "out.mp4")
    boxes = top_level_boxes(target)
    assert boxes.index("moov") < boxes.index("mdat")
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.codec.canonical_name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (720, 1280)


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
