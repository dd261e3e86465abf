"""Videos that are put one after the other."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from media import demux

from posecore.video import VideoReader, VideoWriter, join_videos


def cut(source, folder, *starts, preset="ultrafast", sound_of=None):
    """Parts of a video, written by themselves: (path, time of the first frame in seconds)."""
    parts = []
    with VideoReader(source) as video:
        frames = list(video)
        for a, b in zip(starts, [*starts[1:], None], strict=True):
            path = folder / f"{a}-{b}.mp4"
            with VideoWriter(path, video.info, sound_of, crf=0, preset=preset) as writer:
                for frame in frames[a:b]:
                    writer.write(frame.image, frame.time, frame.duration)
            parts.append((path, frames[a].time))
    return parts


def pictures(path):
    with VideoReader(path) as video:
        return [frame.image for frame in video]


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])  # the second one reorders frames
@pytest.mark.parametrize("name", ["phone.mp4", "mp3.mp4", "sixty.mp4", "variable_rate.mp4"])
def test_joined_parts_are_the_video_with_its_sound(made, tmp_path, name, preset):
    source = made / name
    ((whole, _),) = cut(source, tmp_path, 0, preset=preset, sound_of=source)
    problem = join_videos(cut(source, tmp_path, 0, 7, 8, 31, preset=preset), tmp_path / "joined.mp4", source)
    assert problem is None
    (before, sound_before), (after, sound_after) = demux(whole), demux(tmp_path / "joined.mp4")
    np.testing.assert_allclose(after.times, before.times, atol=0.0002)
    assert after.end == pytest.approx(before.end, abs=0.0004) and sound_after == sound_before
    for a, b in zip(pictures(whole), pictures(tmp_path / "joined.mp4"), strict=True):
        np.testing.assert_array_equal(a, b)  # they are coded without loss


def test_nothing_is_left_when_a_part_is_broken(made, tmp_path):
    (first, *_) = cut(made / "two_people.mp4", tmp_path, 0, 12)
    (tmp_path / "broken.mp4").write_text("no video\n" * 99)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises((ValueError, OSError)):
        join_videos([first, (tmp_path / "broken.mp4", Fraction(1))], tmp_path / "joined.mp4", first[0])
    assert sorted(os.listdir(tmp_path)) == before


def test_sound_may_be_from_a_file_of_sound_alone(made, tmp_path):
    parts = cut(made / "phone.mp4", tmp_path, 0, 12)
    with av.open(str(made / "phone.mp4")) as source, av.open(str(tmp_path / "a.m4a"), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    assert join_videos(parts, tmp_path / "joined.mp4", tmp_path / "a.m4a") is None
    _, (sound,) = demux(tmp_path / "joined.mp4")
    assert sound.codec == "aac" and sound.end > 1
