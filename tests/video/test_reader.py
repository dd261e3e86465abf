"""Which frames a reader gives, and when; and what it says of files that are damaged, cut off or no videos."""

import os
import shutil
from fractions import Fraction
from itertools import takewhile

import av
import numpy as np
import pytest
from made import STEPS, VIDEOS
from media import REAL, demux

from posecore.video import VideoInfo, VideoReader, VideoWriter, promised_ms

INFO = VideoInfo(64, 48, Fraction(25), Fraction(1, 25))


def read(path):
    with VideoReader(path) as video:
        return video.info, list(video), video.problem


def check_every_frame(path, size=None):
    """Each once, at its true time, in the size that is displayed; None: as stored."""
    track, _ = demux(path)
    with VideoReader(path) as video, av.open(str(path)) as stored:
        frames = [(f.index, f.time, f.timestamp_ms, f.image.shape) for f in video]
        stream = stored.streams.video[0]
        size = size or (stream.width, stream.height)
        assert (video.info.width, video.info.height) == size
        assert video.info.fps == stream.average_rate
        assert video.problem is None
    assert [index for index, *_ in frames] == list(range(len(track.times)))
    np.testing.assert_allclose([float(time) for _, time, *_ in frames], track.times, atol=1e-6)
    expected = [round(1000 * (time - track.times[0])) for time in track.times]
    np.testing.assert_allclose([ms for _, _, ms, _ in frames], expected, atol=1)
    assert {shape for *_, shape in frames} == {(size[1], size[0], 3)}


@pytest.mark.parametrize("name", VIDEOS)
def test_gives_every_frame_once_at_its_true_time(made, name):
    check_every_frame(made / name, VIDEOS[name])


@pytest.mark.slow
def test_gives_every_frame_of_real_videos_once_at_its_true_time(videos):
    for name, size in REAL.items():
        check_every_frame(videos / name, size)


def test_variable_frame_rate_is_kept(made):
    _, frames, _ = read(made / "variable_rate.mp4")
    assert np.diff([frame.timestamp_ms for frame in frames]).tolist() == STEPS[:-1]
    assert [round(1000 * frame.duration) for frame in frames[:-1]] == STEPS[:-1]


def test_frames_last_as_long_as_the_rate_says(made):
    _, frames, _ = read(made / "two_people.mp4")
    assert [float(frame.duration) for frame in frames] == pytest.approx([1 / 12] * 24, abs=1e-4)


def check_stepped_over(path):
    info, frames, problem = read(path)
    assert f"{path.name}: 1 damaged part stepped over" in problem
    times = [frame.timestamp_ms for frame in frames]
    assert np.all(np.diff(times) > 0)
    return info, times


def test_steps_over_damage_and_says_so(made):
    """All but the frame that is damaged, each at its own time."""
    info, times = check_stepped_over(made / "damaged.mp4")
    assert info.frame_count == 50
    assert times == [40 * number for number in range(50) if number != 14]


def test_steps_over_damage_of_a_real_video_and_says_so(videos):
    info, times = check_stepped_over(videos / "corrupted.mp4")
    assert 28 < len(times) < info.frame_count == 50


def check_cut_in_half(path, folder, frames):
    """What is left of them, or up to two less that were not flushed, and a word of it."""
    whole = path.read_bytes()
    cut = folder / f"cut-{path.name}"
    cut.write_bytes(whole[: len(whole) // 2])
    with VideoReader(cut) as video:
        count = sum(1 for _ in video)
        assert frames - 2 <= count <= frames
        assert str(cut) in video.problem


def frames_within(path, size):
    """How many packets of pictures end before a place in the file."""
    with av.open(str(path)) as container:
        return sum(packet.pos + packet.size <= size for packet in container.demux(video=0) if packet.size)


@pytest.mark.parametrize("name", ["phone.mp4", "clusters.webm", "fragments.mp4"])
def test_a_file_cut_in_half_gives_what_is_left_and_says_so(made, tmp_path, name):
    """Files with the index in front or in parts, as a download that broke off has them."""
    path = made / name
    frames = frames_within(path, path.stat().st_size // 2)
    assert 15 < frames < 50
    check_cut_in_half(path, tmp_path, frames)


def test_a_real_file_cut_in_half_gives_what_is_left_and_says_so(videos, tmp_path):
    for name, frames in {
        "rotate-buck-bunny.mp4": 25,
        "frames.webm": 48,
        "one-by-one-person-detection.mp4": 687,
    }.items():
        check_cut_in_half(videos / name, tmp_path, frames)


def test_a_file_without_its_index_is_refused(made, tmp_path):
    whole = (made / "one_person.mp4").read_bytes()
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


def test_pictures_and_sound_alone_are_refused(made):
    with pytest.raises(ValueError, match="is a picture"):
        VideoReader(made / "person.jpg")
    with pytest.raises(ValueError, match="has no video stream"):
        VideoReader(made / "sound.mp4")


def test_a_pipe_is_refused(tmp_path):
    """Nobody writes to it, so that opening it would never end."""
    os.mkfifo(tmp_path / "a.mp4")
    for use in (VideoReader, lambda path: VideoWriter(tmp_path / "out.mp4", INFO, path)):
        with pytest.raises(ValueError, match=r"a\.mp4: is a pipe or a device, and is read more than once; save it"):
            use(tmp_path / "a.mp4")
    assert promised_ms(tmp_path / "a.mp4") is None and os.listdir(tmp_path) == ["a.mp4"]


def test_a_name_is_never_a_protocol(tiny_video, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(tiny_video, tmp_path / "http:100%d.mp4")
    assert len(read("http:100%d.mp4")[1]) == 10


def check_part(path, start, end):
    with VideoReader(path) as video:
        whole = {(frame.index, frame.time): frame.small(64) for frame in video if start <= frame.timestamp_ms < end}
    with VideoReader(path) as video:
        frames = takewhile(lambda frame: frame.timestamp_ms < end, video.since(start))
        part = {(frame.index, frame.time): frame.small(64) for frame in frames}
    assert whole.keys() == part.keys() and len(whole) > 10
    assert all((whole[frame] == part[frame]).all() for frame in whole)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("sixty.mp4", 500, 1400),  # between key frames, and frames are reordered
        ("variable_rate.mp4", 1000, 3000),
        ("phone.mp4", 0, 700),
        ("phone.mp4", 700, 1500),  # the picture begins later than the sound
        ("one_person.mp4", 7000, 11000),
    ],
)
def test_a_part_has_the_frames_that_the_whole_has_there(made, name, start, end):
    check_part(made / name, start, end)


def test_a_part_of_a_real_video_has_the_frames_that_the_whole_has_there(videos):
    check_part(videos / "Demo_SinglePerson_cam01.mp4", 500, 1400)
    check_part(videos / "demo_demo_skeleton.mp4", 1000, 3000)
    check_part(videos / "rotate-buck-bunny.mp4", 0, 700)
