import shutil
from itertools import takewhile

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import Interpolation
from media import VIDEOS, decode, demux

from posecore.video import VideoReader
from posecore.video.frame import Orientation

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def gray_difference(a, b):
    return np.abs(a.mean(axis=2) - b.mean(axis=2)).mean()


def read(path):
    with VideoReader(path) as video:
        return video.info, list(video), video.problem


@pytest.mark.parametrize("name", VIDEOS)
def test_gives_every_frame_once_at_its_true_time(videos, name):
    track, _ = demux(videos / name)
    with VideoReader(videos / name) as video, av.open(str(videos / name)) as stored:
        frames = [(f.index, f.time, f.timestamp_ms, f.image.shape) for f in video]
        stream = stored.streams.video[0]
        size = VIDEOS[name] or (stream.width, stream.height)
        assert (video.info.width, video.info.height) == size
        assert video.info.fps == stream.average_rate
        assert video.problem is None
    assert [index for index, *_ in frames] == list(range(len(track.times)))
    np.testing.assert_allclose([float(time) for _, time, *_ in frames], track.times, atol=1e-6)
    expected = [round(1000 * (time - track.times[0])) for time in track.times]
    np.testing.assert_allclose([ms for _, _, ms, _ in frames], expected, atol=1)
    assert {shape for *_, shape in frames} == {(size[1], size[0], 3)}


def test_variable_frame_rate_is_kept(videos):
    _, frames, _ = read(videos / "demo_demo_skeleton.mp4")
    steps = np.diff([frame.timestamp_ms for frame in frames])
    assert steps.min() == 33 and steps.max() == 200


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_recordings_come_upright(videos, degrees):
    stored = decode(videos / f"video_{degrees}.mov", 0)[0]
    upright = read(videos / f"video_{degrees}.mov")[1][0].image
    # swscale's quick conversion, which `decode` uses, blurs colours another way.
    assert gray_difference(upright, np.rot90(stored, -degrees // 90)) < 1.5
    assert gray_difference(upright, np.rot90(stored, -degrees // 90 + 2)) > 20


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


def test_anamorphic_pixels_become_square(videos):
    stored = decode(videos / "sar_2x1.mp4", 75)[0]
    shown = read(videos / "sar_2x1.mp4")[1][75].image
    assert shown.shape == (360, 1280, 3)
    assert gray_difference(cv2.resize(shown, (640, 360), interpolation=cv2.INTER_AREA), stored) < 1.5


def test_colours_are_those_of_the_coded_matrix(videos):
    """A frame that says BT.709: red and blue as with that matrix, not as with BT.601."""
    with av.open(str(videos / "rotate-buck-bunny.mp4")) as container:
        frame = [f for _, f in zip(range(41), container.decode(video=0), strict=False)][-1]
    assert frame.colorspace == 1
    _, frames, _ = read(videos / "rotate-buck-bunny.mp4")
    actual = frames[40].image.mean(axis=(0, 1))
    right, wrong = (
        frame.reformat(format="rgb24", src_colorspace=matrix, interpolation=EXACT).to_ndarray().mean(axis=(0, 1))
        for matrix in ("itu709", "itu601")
    )
    assert np.abs(actual - right).max() < 0.3
    assert np.abs(actual - wrong).max() > 0.8


def test_steps_over_damage_and_says_so(videos):
    info, frames, problem = read(videos / "corrupted.mp4")
    assert 28 < len(frames) < info.frame_count == 50
    assert "corrupted.mp4: 1 damaged part stepped over" in problem
    assert np.all(np.diff([f.timestamp_ms for f in frames]) > 0)


@pytest.mark.parametrize(
    ("name", "frames"),
    [("rotate-buck-bunny.mp4", 25), ("frames.webm", 48), ("one-by-one-person-detection.mp4", 687)],
)
def test_a_file_cut_in_half_gives_what_is_left_and_says_so(videos, tmp_path, name, frames):
    """Files with the index in front or in parts, as a download that broke off has them."""
    whole = (videos / name).read_bytes()
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(whole[: len(whole) // 2])
    with VideoReader(cut) as video:
        count = sum(1 for _ in video)
        assert frames - 2 <= count <= frames
        assert str(cut) in video.problem


def test_a_file_without_its_index_is_refused(videos, tmp_path):
    whole = (videos / "pose_squats.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.mp4: is not a video that can be read"):
        VideoReader(tmp_path / "cut.mp4")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda path: None, FileNotFoundError, "No such file"),
        (lambda path: path.mkdir(), ValueError, "is a folder"),
        (lambda path: path.touch(), ValueError, "is empty"),
        (lambda path: path.write_text("a text\n" * 100), ValueError, "is not a video that can be read"),
        (lambda path: path.write_text("#EXTM3U\nhttp://127.0.0.1:9/a.ts\n"), ValueError, "is not a video"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path, make, error, message):
    path = tmp_path / "a.mp4"
    make(path)
    with pytest.raises(error, match=message):
        VideoReader(path)


def test_pictures_and_sound_alone_are_refused(videos, tmp_path, tiny_video):
    with pytest.raises(ValueError, match="is a picture"):
        VideoReader(videos / "pose.jpg")
    sound = tmp_path / "sound.mp4"
    with av.open(str(tiny_video)) as source, av.open(str(sound), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    with pytest.raises(ValueError, match="has no video stream"):
        VideoReader(sound)


def test_a_name_is_never_a_protocol(tiny_video, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(tiny_video, tmp_path / "http:100%d.mp4")
    assert len(read("http:100%d.mp4")[1]) == 10


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("Demo_SinglePerson_cam01.mp4", 500, 1400),
        ("demo_demo_skeleton.mp4", 1000, 3000),
        ("rotate-buck-bunny.mp4", 0, 700),
    ],
)
def test_a_part_has_the_frames_that_the_whole_has_there(videos, name, start, end):
    with VideoReader(videos / name) as video:
        whole = {frame.time: frame.small(64) for frame in video if start <= frame.timestamp_ms < end}
    with VideoReader(videos / name) as video:
        frames = takewhile(lambda frame: frame.timestamp_ms < end, video.since(start))
        part = {frame.time: frame.small(64) for frame in frames}
    assert whole.keys() == part.keys() and len(whole) > 10
    assert all((whole[time] == part[time]).all() for time in whole)
