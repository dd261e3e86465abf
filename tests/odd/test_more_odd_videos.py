"""More of the kinds of the odd files, made here: EXIF orientations, streams without packets, files put together."""

import struct
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from odd_files import CONTAINERS, convert, pictures, sounds

from posecore.video import Segment, VideoReader

FOUR = np.zeros((64, 96, 3), np.uint8)  # four fields, so that all ways to turn it differ
FOUR[:32, :48], FOUR[:32, 48:], FOUR[32:, :48], FOUR[32:, 48:] = (200, 40, 40), (40, 160, 40), (40, 60, 200), 220
UPRIGHT = {
    1: FOUR,
    2: FOUR[:, ::-1],
    3: FOUR[::-1, ::-1],
    4: FOUR[::-1],
    5: FOUR.transpose(1, 0, 2),
    6: np.rot90(FOUR, -1),
    7: FOUR[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(FOUR, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_every_exif_orientation_of_motion_jpeg(tmp_path, orientation):
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x112, 3, 1, orientation, 0, 0)
    exif = b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff
    jpeg = cv2.imencode(".jpg", FOUR[..., ::-1])[1].tobytes()
    with av.open(str(tmp_path / "a.avi"), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        for number in range(3):
            packet = av.Packet(jpeg[:2] + exif + jpeg[2:])
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 10), True
            packet.pts = packet.dts = number
            container.mux(packet)
    with VideoReader(tmp_path / "a.avi") as video:
        for frame in video:
            assert frame.image.shape == UPRIGHT[orientation].shape
            assert np.median(np.abs(frame.image.astype(int) - UPRIGHT[orientation])) <= 3


def write_steps(path, first=20, sound="", matrix=2, count=10, silent=""):
    """10 frames a second, each an even grey of luma first + 10 n; a tone; a sound stream that gets no packet."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10, options={"preset": "veryslow"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        video.codec_context.colorspace = matrix
        audio = container.add_stream(sound, rate=48000, layout="mono") if sound else None
        if silent:
            container.add_stream(silent, rate=48000, layout="mono")
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(np.full((96, 96), 128, np.uint8), "yuv420p")
            frame.planes[0].update(bytes([first + 10 * number]) * frame.planes[0].buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(video.encode(frame))
        if audio:
            wave = np.sin(np.arange(count * 4800) * 2 * np.pi * (4.4 if first > 100 else 2.2) / 480).astype(np.float32)
            tone = av.AudioFrame.from_ndarray(wave[None] / 4, "fltp", "mono")
            tone.sample_rate, tone.pts, tone.time_base = 48000, 0, Fraction(1, 48000)
            for part in av.AudioResampler(audio.format.name, "mono", 48000).resample(tone):
                container.mux(audio.encode(part))
            container.mux(audio.encode(None))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_a_sound_stream_without_a_packet_is_left_out(tmp_path, suffix):
    done = convert(write_steps(tmp_path / "a.mkv", silent="aac"), tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 1000, 100)) and sounds(done.path) == []
    assert (
        len(done.problems) == 1 and "a.mkv: sound left out, it cannot be read (aac: announced, and" in done.problems[0]
    )


@pytest.mark.parametrize(("sound", "heard"), [("", 0), ("mp2", 1)])
def test_sound_of_which_the_beginning_knows_nothing_is_not_lost_in_silence(tmp_path, sound, heard):
    """A broadcast that has more sound in the middle, after more than the 5 MB in which FFmpeg looks for it."""
    with av.open(str(tmp_path / "noise.ts"), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 480, 320, "yuv420p"
        for number in range(30):
            noise = np.random.default_rng(number).integers(0, 255, (480, 480), np.uint8)
            frame = av.VideoFrame.from_ndarray(noise, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    usual = write_steps(tmp_path / "usual.ts", sound=sound).read_bytes()
    more = write_steps(tmp_path / "more.ts", sound="mp2", silent="mp2").read_bytes()
    noise = (tmp_path / "noise.ts").read_bytes()
    (tmp_path / "a.ts").write_bytes(usual + noise + more + noise)
    done = convert(tmp_path / "a.ts", tmp_path / "out.mp4")
    assert len(done.ms) == 80 and len(sounds(done.path)) == heard
    clock, left_out = done.problems
    assert "its clock is set anew 3 times" in clock
    assert f"{tmp_path}/a.ts: sound left out, it begins in the middle of the file (" in left_out


def test_a_fragmented_mp4_that_breaks_off_says_so(tmp_path):
    """Six fragments of a second; nothing promises how many there are. Between two of them nothing is missing."""
    flags = "frag_keyframe+empty_moov+default_base_moof"
    with av.open(str(tmp_path / "whole.mp4"), "w", options={"movflags": flags}) as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10", "sc_threshold": "0"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        noise = np.random.default_rng(0)
        for number in range(60):
            frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (64, 96, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    whole = (tmp_path / "whole.mp4").read_bytes()
    data = [place for place in range(len(whole)) if whole[place : place + 4] == b"mdat"]
    index = [place for place in range(len(whole)) if whole[place : place + 4] == b"moof"]
    assert len(data) == len(index) == 6 and not convert(tmp_path / "whole.mp4", tmp_path / "out.mkv").problems
    for end, frames in ((index[4] - 4, 40), ((data[3] + index[4]) // 2, 36), (index[4] - 9, 40), (index[4] + 40, 40)):
        (tmp_path / "a.mp4").write_bytes(whole[:end])
        done = convert(tmp_path / "a.mp4", tmp_path / "out.mkv")
        assert frames - 5 <= len(done.ms) <= frames
        told = [
            f"a.mp4: is cut off in the middle of a fragment; the {len(done.ms)} frames before it" in text
            for text in done.problems
        ]
        assert told == ([] if end == index[4] - 4 else [True])
        with VideoReader(tmp_path / "a.mp4", threads=3) as video:
            assert [frame.timestamp_ms for frame in video] == done.ms


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize(("kind", "sound"), [("mkv", "libopus"), ("ts", "ac3"), ("ts", "aac"), ("ts", ""), ("mkv", "")])
def test_files_put_together(tmp_path, kind, sound, suffix):
    parts = [write_steps(tmp_path / f"{n}.{kind}", first, sound).read_bytes() for n, first in enumerate((20, 120))]
    (tmp_path / f"a.{kind}").write_bytes(b"".join(parts))
    done = convert(tmp_path / f"a.{kind}", tmp_path / f"out{suffix}")
    assert done.ms == pytest.approx(list(range(0, 2000, 100)), abs=20)
    assert len(done.problems) == 1 and "its clock is set anew 1 time" in done.problems[0]
    shown = pictures(done.path)
    assert shown.luma == pytest.approx([20 + 10 * n for n in range(20)], abs=5)
    assert len(sounds(done.path)) == bool(sound)
    for heard in sounds(done.path):
        assert heard.rising and heard.seconds == pytest.approx(2, abs=0.1)
        assert heard.pitches(0.3, 0.7) == [pytest.approx(220, abs=10)]
        assert heard.pitches(1.3, 1.7) == [pytest.approx(440, abs=10)]


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_the_matrix_may_change_in_the_middle(tmp_path, suffix):
    """The same grey in BT.709 and BT.601, and then red, which only the right matrix shows as red."""
    parts = []
    for matrix in (1, 6):
        path = tmp_path / f"{matrix}.ts"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=10, options={"crf": "4", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.codec_context.colorspace = matrix
            for number in range(5):
                frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), (200, 40, 40), np.uint8), "rgb24")
                frame = frame.reformat(format="yuv420p", dst_colorspace={1: "itu709", 6: "itu601"}[matrix])
                frame.pts, frame.time_base = number + 5 * len(parts), Fraction(1, 10)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        parts.append(path.read_bytes())
    (tmp_path / "a.ts").write_bytes(b"".join(parts))
    done = convert(tmp_path / "a.ts", tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert len(shown.frames) == 10 and shown.matrix == 1
    for picture in shown.frames:
        np.testing.assert_allclose(picture[30, 30], (200, 40, 40), atol=6)


@pytest.mark.parametrize("name", ["few-key-frames.ts", "few-key-frames.avi", "few-key-frames.mpg", "reordered.avi"])
def test_segments_have_the_frames_of_one_run(odd, name):
    with VideoReader(odd / name) as video:
        whole = [(frame.index, frame.timestamp_ms, frame.time, frame.small(16).tobytes()) for frame in video]
    third = whole[-1][1] // 3
    parts, last = [], None
    for start, end in ((0, third), (third, 2 * third), (2 * third, None)):
        segment = Segment(start, end)
        with VideoReader(odd / name) as video:
            for frame in segment.frames(video):
                if segment.owns(frame):
                    parts.append((frame.index, frame.timestamp_ms, frame.time, frame.small(16).tobytes()))
        assert last is None or segment.first == last
        last = segment.next
    assert last is None and parts == whole
