"""The sound of one file on its way to another."""

import av
import numpy as np
import pytest
from media import copy, demux

from posecore.video import VideoReader, VideoWriter

# What it becomes in each container: copied where the container takes it.
AAC = {".mp4": "aac", ".mov": "aac", ".mkv": "aac", ".webm": "opus"}
MP3 = {".mp4": "mp3", ".mov": "mp3", ".mkv": "mp3", ".webm": "opus"}
OPUS = {".mp4": "opus", ".mov": "aac", ".mkv": "opus", ".webm": "opus"}
VORBIS = {".mp4": "aac", ".mov": "aac", ".mkv": "vorbis", ".webm": "vorbis"}


def check_codecs(source, folder, codecs):
    for suffix, codec in codecs.items():
        _, (sound,) = demux(copy(source, folder / f"out{suffix}"))
        assert sound.codec == codec, suffix


@pytest.mark.parametrize(
    ("name", "codecs"),
    [("phone.mp4", AAC), ("mp3.mp4", MP3), ("live.webm", OPUS), ("transparent.webm", VORBIS)],
)
def test_it_is_copied_where_the_container_takes_it(made, tmp_path, name, codecs):
    check_codecs(made / name, tmp_path, codecs)


def test_it_is_copied_from_real_videos_where_the_container_takes_it(videos, tmp_path):
    check_codecs(videos / "sample_av1.mp4", tmp_path, AAC)
    check_codecs(videos / "doc_example3.mp4", tmp_path, MP3)
    check_codecs(videos / "no_duration.webm", tmp_path, OPUS)
    check_codecs(videos / "transparent.webm", tmp_path, VORBIS)


def loudness(path):
    """Root mean square of the sound in steps of 50 ms."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", 8000)
        samples = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    whole = np.concatenate(samples)
    return np.sqrt((whole[: len(whole) // 400 * 400].reshape(-1, 400) ** 2).mean(axis=1))


def check_loudness(before, after):
    """It goes up and down at the same times, and is as loud."""
    n = min(len(before), len(after))
    assert n >= 39 and before.max() > 0.01
    assert np.corrcoef(before[:n], after[:n])[0, 1] > 0.98
    assert after[:n].mean() == pytest.approx(before[:n].mean(), rel=0.05)


@pytest.mark.parametrize(("name", "suffix"), [("mp3.mp4", ".webm"), ("transparent.webm", ".mp4")])
def test_encoded_sound_is_the_same_sound(made, tmp_path, name, suffix):
    check_loudness(loudness(made / name), loudness(copy(made / name, tmp_path / f"out{suffix}")))


def test_encoded_sound_of_a_real_video_is_the_same_sound(videos, tmp_path):
    source = videos / "doc_example3.mp4"
    check_loudness(loudness(source), loudness(copy(source, tmp_path / "out.webm")))


def test_copied_sound_is_the_same_to_the_bit(made, tmp_path):
    def packets(path):
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    assert packets(copy(made / "phone.mp4", tmp_path / "out.mp4")) == packets(made / "phone.mp4") != []


def test_silent_videos_get_no_sound(made, tmp_path):
    source = made / "odd.webm"
    assert demux(copy(source, tmp_path / "out.mp4"))[1] == []
    with VideoReader(source) as video, VideoWriter(tmp_path / "b.mp4", video.info, sound_of=source) as writer:
        for frame in video:
            writer.write(frame.image, frame.time, frame.duration)
    assert writer.problem is None
