"""A stretch of a video: the frames, times and sound that all of it has there, whatever the container."""

import json
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import jsonschema
import numpy as np
import pytest
from made import write
from media import copy, demux
from test_process import SCHEMA

from posecore.cli.parser import Parser, add_options, make_options
from posecore.formats import read_document
from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import Segment, VideoReader, VideoWriter

LITE = Options(model_complexity=0, perf_text=False)
X264 = {"preset": "veryfast", "g": "12", "bf": "3", "sc_threshold": "0"}
OPEN = X264 | {"x264-params": "open-gop=1"}
X265 = {"preset": "ultrafast", "x265-params": "log-level=none:pools=1:keyint=12:min-keyint=12:bframes=3:open-gop=1"}
VPX = {"deadline": "good", "cpu-used": "8", "g": "12", "auto-alt-ref": "1", "lag-in-frames": "16", "b": "300k"}
# Name: encoder and its options. Key frames are 12 frames apart, where there are such; no start below is one.
KINDS = {
    "closed.mp4": ("libx264", X264),
    "open.mp4": ("libx264", OPEN),
    "open.mov": ("libx264", OPEN),
    "open.mkv": ("libx264", OPEN),
    "open.ts": ("libx264", OPEN),
    "open.flv": ("libx264", OPEN),
    "open.m2ts": ("libx264", OPEN),
    "fragmented.mp4": ("libx264", OPEN),
    "refreshed.mp4": ("libx264", {"preset": "veryfast", "g": "24", "x264-params": "intra-refresh=1:bframes=0"}),
    "hevc.mp4": ("libx265", X265),
    "hevc.ts": ("libx265", X265),
    "vp9.webm": ("libvpx-vp9", VPX),
    "vp8.webm": ("libvpx", VPX),
    "av1.mkv": ("libsvtav1", {"preset": "12", "g": "12", "svtav1-params": "lp=1"}),
    "mpeg4.avi": ("mpeg4", {"g": "12", "bf": "2"}),
    "h264.avi": ("libx264", X264),
    "mpeg2.ts": ("mpeg2video", {"g": "12", "bf": "2"}),
    "mpeg2.vob": ("mpeg2video", {"g": "12", "bf": "2"}),
    "mpeg2.mxf": ("mpeg2video", {"g": "12", "bf": "2"}),
    "wmv2.wmv": ("wmv2", {"g": "12"}),
    "bare.h264": ("libx264", X264),
    "vp8.ivf": ("libvpx", VPX),
}
MUXERS = {"fragmented.mp4": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}}


def moving(count):
    """Pictures of 96×64, none like another, of which every part moves."""
    noise = np.random.default_rng(0).integers(0, 255, (64, 300, 3), np.uint8)
    texture = cv2.GaussianBlur(noise, (5, 5), 0)
    return [np.roll(texture[:, 3 * n : 3 * n + 96], n, 0) for n in range(count)]


def frames_of(path, segment=None):
    with VideoReader(path, 1) as video:
        frames = segment.frames(video) if segment else video
        return [(f.index, f.timestamp_ms, f.time, f.small(0)) for f in frames if not segment or segment.owns(f)]


@pytest.mark.parametrize("name", KINDS)
def test_a_stretch_has_the_frames_of_the_whole(tmp_path, name):
    codec, options = KINDS[name]
    write(tmp_path / name, moving(60), Fraction(1, 25), (96, 64), codec, options=options, muxer=MUXERS.get(name))
    whole = frames_of(tmp_path / name)
    assert [frame[1] for frame in whole] == list(range(0, 2400, 40))
    for start, end in ((0.6, 1.3), (1.161, 1.5), (2.13, None)):
        found = frames_of(tmp_path / name, Segment.between(start, end))
        expected = [frame for frame in whole if 1000 * start <= frame[1] < 1000 * (end or 9)]
        assert [frame[:3] for frame in found] == [frame[:3] for frame in expected]
        assert all((a[3] == b[3]).all() for a, b in zip(found, expected, strict=True)), start


def test_a_stretch_of_a_damaged_video_has_the_frames_of_the_whole(made):
    whole = frames_of(made / "damaged.mp4")
    for start in (0.4, 0.7, 1.1):
        found = frames_of(made / "damaged.mp4", Segment.between(start, 1.5))
        expected = [frame for frame in whole if 1000 * start <= frame[1] < 1500]
        assert [frame[:3] for frame in found] == [frame[:3] for frame in expected]


def loudness(seconds):
    """Of the tone of made.py."""
    return 0.3 + 0.25 * np.sin(2 * np.pi * (1.3 * seconds + 0.7 * seconds**2))


def heard(path):
    """The envelope of a file's sound on its own clock, 0 where there is none, a thousand times a second; its end."""
    track, end = np.zeros(48 * 8000), 0
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", 48000)
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                begin = round(float(part.pts * part.time_base) * 48000)
                samples = part.to_ndarray()[0][max(0, -begin) :]
                track[max(0, begin) : max(0, begin) + len(samples)] = samples
                end = begin + len(samples)
    power = np.convolve(track**2, np.hanning(480) / np.hanning(480).sum(), "same")[::48]  # over 4.4 periods
    return np.sqrt(2 * power), end / 48000


def late(envelope, start):
    """Milliseconds by which a sound comes late in a stretch that begins at a second of made.py's tone."""
    place = np.arange(150, 1300)

    def likeness(shift):
        return np.corrcoef(envelope[place], loudness(start + (place - shift) / 1000))[0, 1]

    return max(range(-100, 101), key=likeness)


@pytest.mark.parametrize(
    ("name", "codec", "output"),
    [
        ("a.mp4", "aac", "out.mp4"),
        ("a.mkv", "libopus", "out.webm"),
        ("a.mkv", "flac", "out.mkv"),
        ("a.ts", "mp2", "out.mov"),  # encoded anew, as the next two are
        ("a.mov", "pcm_s16le", "out.mp4"),
        ("a.mkv", "ac3", "out.webm"),
    ],
)
def test_sound_is_cut_to_match(tmp_path, name, codec, output):
    """It comes with the pictures as in a copy of the whole, and begins and ends within a packet of them."""
    path, packet = tmp_path / name, 0.1 if codec == "flac" else 0.033
    write(path, moving(60) + moving(40), size=(96, 64), options=X264, sound=(codec, Fraction(0), Fraction(4)))
    segment = Segment.between(1.5, 3.3)
    with VideoReader(path) as video, VideoWriter(tmp_path / output, video.info, path, segment) as writer:
        for frame in segment.frames(video):
            if segment.owns(frame):
                writer.write(frame.image, frame.time, frame.duration)
    whole, _ = heard(copy(path, tmp_path / f"whole-{output}"))
    with av.open(str(tmp_path / f"whole-{output}")) as container:
        before = float(next(container.decode(video=0)).time)
    found, end = heard(tmp_path / output)
    pictures, _ = demux(tmp_path / output)
    assert pictures.times[0] == 0 and len(pictures.times) == 45
    shift, usual = late(found, 1.52), late(whole, -before)
    print(f"{codec}: {shift} ms late, in the whole {usual} ms; ends at {end:.3f} s")
    assert abs(shift - usual) <= 2
    assert np.flatnonzero(found > 0.02)[0] <= 1000 * packet and abs(end - 1.8) <= packet


def test_the_document_and_the_video_of_a_stretch(made, lite, tmp_path):
    """One frame every 200 ms. Keypoints differ by what the tracker has learned in more than a second before."""
    source, outputs = made / "one_person.mp4", (tmp_path / "out.mp4", tmp_path / "out.json")
    process_video(source, None, tmp_path / "whole.json", LITE)
    summary = process_video(source, *outputs, replace(LITE, start=6.9, end=9.5))
    meta, frames = read_document(outputs[1])
    jsonschema.validate(json.loads(outputs[1].read_text()), SCHEMA)
    assert meta["source_start_ms"] == 7000 and meta["frame_count"] == summary.frames == 13
    assert [(frame.index, frame.timestamp_ms) for frame in frames] == [(n, 200 * n) for n in range(13)]
    assert demux(outputs[0])[0].times == pytest.approx([0.2 * n for n in range(13)])
    assert demux(outputs[0])[0].end == pytest.approx(2.5, abs=0.101)
    whole = read_document(tmp_path / "whole.json")[1]
    distances = [
        np.linalg.norm(a.persons[0].keypoints.xy - b.persons[0].keypoints.xy, axis=1)
        for a, b in zip(frames, whole[35:48], strict=True)
    ]
    print(f"{np.median(distances):.2f} px in the median")
    assert np.median(distances) < 3  # of 570

    process_video(source, None, tmp_path / "kept.json", replace(LITE, start=6.9, end=9.5, keep_time=True))
    kept, same = read_document(tmp_path / "kept.json")
    assert "source_start_ms" not in kept and kept["frame_count"] == 13
    assert [(frame.index, frame.timestamp_ms) for frame in same] == [(n, 200 * n) for n in range(35, 48)]


def test_from_the_beginning_nothing_changes_but_the_end(made, lite, tmp_path):
    """In this file the sound begins before the pictures."""
    process_video(made / "phone.mp4", tmp_path / "whole.mp4", tmp_path / "whole.json", LITE)
    process_video(made / "phone.mp4", tmp_path / "out.mp4", tmp_path / "out.json", replace(LITE, end=1))
    (pictures, (sound,)), (some, (part,)) = demux(tmp_path / "whole.mp4"), demux(tmp_path / "out.mp4")
    assert some.times == pictures.times[:30] and part.times == sound.times[: len(part.times)]
    assert part.end == pytest.approx(some.end, abs=0.022)
    lines = (tmp_path / "whole.json").read_text().splitlines()
    assert (tmp_path / "out.json").read_text().splitlines()[4:33] == lines[4:33]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 99}, r"mp4: has no frame from 99 s on \(it says that it is 13 s long\); give another --start"),
        ({"start": 1.01, "end": 1.15}, r"mp4: has no frame from 1\.01 s to 1\.15 s"),
    ],
)
def test_a_stretch_without_a_frame_is_refused(made, lite, tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        process_video(made / "one_person.mp4", tmp_path / "a.mp4", tmp_path / "a.json", replace(LITE, **options))
    assert not list(tmp_path.iterdir())


def options_of(*words):
    parser = Parser("posecore run", "", "")
    add_options(parser)
    return make_options(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("--start 90.5", 90.5, None),
        ("--start 1:30.5 --duration .25", 90.5, 90.75),
        ("--start 01:02:03.004 --end 1:2:4", 3723.004, 3724),
        ("--end 100:00", 0, 6000),
        ("", 0, None),
    ],
)
def test_times_as_users_write_them(words, start, end):
    options = options_of(*words.split())
    assert (options.start, options.end) == (pytest.approx(start), end if end is None else pytest.approx(end))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--start -1", "seconds or hh:mm:ss are wanted, such as 90.5 or 0:01:30.5, got -1"),
        ("--start 1:75", "got 1:75"),
        ("--start nan", "got nan"),
        ("--end 5 --duration 5", "not allowed with argument --end"),
    ],
)
def test_times_that_are_none(capsys, words, message):
    with pytest.raises(SystemExit):
        options_of(*words.split())
    assert message in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("words", ["--start 5 --end 5", "--start 5 --end 0:04", "--duration 0", "--end 0"])
def test_nothing_between_the_times(words):
    with pytest.raises(ValueError, match=r"--(end|duration) \d"):
        options_of(*words.split())
