"""Odd clocks: recordings put together, late and early beginnings, pauses, wrong times, no times, no rate; searching."""

import json

import numpy as np
import pytest
from odd_files import CONTAINERS, convert, pictures, sounds

from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import VideoReader

TEN = list(range(0, 2000, 100))  # milliseconds of 20 frames at 10 a second
STEPS = [20 + 10 * n for n in range(20)]  # luma of picture n
UNEVEN = [100 * n + n * n for n in range(20)]
# Name: milliseconds, luma where not STEPS, how far a time may be off; in the output the first picture is at 0.
SILENT = {
    "clock-wraps.ts": (TEN, STEPS, 0),
    "two-sizes.ts": (TEN, [*STEPS[:10], *(120 + 10 * n for n in range(10))], 0),
    "starts-late-silent.flv": (TEN, STEPS, 0),
    "starts-late-live.flv": (TEN, STEPS, 0),
    "starts-late-silent.ts": (TEN, STEPS, 0),
    "starts-between-key-frames.ts": (TEN[:5], STEPS[15:], 0),
    "starts-before-0.mp4": (TEN[:19], [130 + 10 * n if n < 9 else None for n in range(19)], 0),
    "starts-before-0.mkv": (TEN, STEPS, 0),
    "pause.mp4": ([*TEN[:10], *(11000 + ms for ms in TEN[:10])], STEPS, 1),
    "uneven.asf": (UNEVEN, STEPS, 1),
    "uneven.ts": (UNEVEN, STEPS, 1),
    "raw.h264": (TEN, STEPS, 0),
    "raw.m2v": (list(range(0, 800, 40)), STEPS, 0),
    "reordered.avi": (TEN, STEPS, 0),
    "raw.dv": ([0, 33], None, 0),
    "few-key-frames.ts": (list(range(0, 44000, 500)), [30 + 2 * n for n in range(88)], 0),
    "few-key-frames.avi": (list(range(0, 44000, 500)), [30 + 2 * n for n in range(88)], 0),
    "few-key-frames.mpg": (list(range(0, 20000, 40)), [30 + 2 * (n % 100) for n in range(500)], 0),
}
FPS = {"uneven.asf": 19 / 2.261, "uneven.ts": 19 / 2.261, "raw.h264": 10, "raw.m2v": 25, "raw.dv": 30000 / 1001}


def check(done, ms, luma, off, tick=0.0021):
    """Times and pictures of the reader and of the file written; Matroska counts milliseconds."""
    assert done.ms == pytest.approx(ms, abs=off)
    shown = pictures(done.path)
    begin = shown.seconds[0]
    assert [s - begin for s in shown.seconds] == pytest.approx([ms / 1000 for ms in done.ms], abs=tick)
    if luma:
        known = [(a, b) for a, b in zip(shown.luma, luma, strict=True) if b is not None]
        assert [a for a, _ in known] == pytest.approx([b for _, b in known], abs=5)
    return shown


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", SILENT)
def test_frames_come_at_their_times_and_the_first_at_0(odd, tmp_path, name, suffix):
    ms, luma, off = SILENT[name]
    done = convert(odd / name, tmp_path / f"out{suffix}")
    shown = check(done, ms, luma, off)
    assert not done.problems
    assert shown.seconds[0] == 0
    if name in FPS:
        assert done.fps == pytest.approx(FPS[name], rel=1e-6)
    else:
        assert shown.length == pytest.approx((ms[-1] + ms[1] - ms[0]) / 1000, abs=0.05)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["starts-late.flv", "starts-late.ts"])
def test_a_late_beginning_with_sound(odd, tmp_path, name, suffix):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    shown = check(done, TEN, STEPS, 0)
    (sound,) = sounds(done.path)
    assert not done.problems and shown.seconds[0] < 0.05
    assert shown.length == pytest.approx(2, abs=0.01) and sound.seconds == pytest.approx(2, abs=0.1)
    assert sound.pitches() == [pytest.approx(440, abs=2)]


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_a_pause_stays_a_pause(odd, tmp_path, suffix):
    ms, luma, off = SILENT["pause.mp4"]
    done = convert(odd / "pause.mkv", tmp_path / f"out{suffix}")
    shown = check(done, ms, luma, off)
    (sound,) = sounds(done.path)
    assert not done.problems
    assert shown.length == pytest.approx(12, abs=0.05) and sound.seconds == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["two-at-one-time.flv", "one-steps-back.flv"])
def test_a_wrong_time_is_put_right(odd, tmp_path, name, suffix):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    assert not done.problems and 501 <= done.ms[6] <= 699
    check(done, [*TEN[:6], done.ms[6], *TEN[7:]], STEPS, 0)


# Name: frames of a recording, milliseconds of a frame, whether there is sound.
JOINED = {
    "joined.ts": (10, 100, True),
    "joined-silent.ts": (10, 100, False),
    "joined.vob": (25, 40, True),
    "joined-an-hour-later.ts": (10, 100, False),
}


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", JOINED)
def test_the_clock_goes_on_where_recordings_are_put_together(odd, tmp_path, name, suffix):
    frames, step, has_sound = JOINED[name]
    done = convert(odd / name, tmp_path / f"out{suffix}")
    luma = STEPS[:10] + [120 + 10 * n for n in range(10)]
    shown = check(done, list(range(0, 2 * frames * step, step)), luma if frames == 10 else None, 20)
    assert len(done.problems) == 1 and f"{name}: its clock is set anew 1 time" in done.problems[0]
    assert shown.length == pytest.approx(2, abs=0.05)
    assert [bool(sound) for sound in sounds(done.path)] == [True] * has_sound
    for sound in sounds(done.path):
        assert sound.rising and sound.seconds == pytest.approx(2, abs=0.1)
        for ms in range(0, 2000, 20):
            if abs(ms + 20 - 1000) > 60:
                assert sound.pitches((ms / 1000), ms / 1000 + 0.04)[0] == pytest.approx(
                    440 if ms < 1000 else 880, abs=30
                )


def listing(video):
    return [(frame.timestamp_ms, frame.index, frame.small(32).tobytes()) for frame in video]


@pytest.mark.parametrize(
    "name", [*SILENT, "joined.ts", "joined.vob", "starts-late.flv", "pause.mkv", "one-steps-back.flv"]
)
def test_searching_finds_the_first_frame_at_or_after_a_time(odd, name):
    with VideoReader(odd / name, 1) as video:
        whole = listing(video)
    last = whole[-1][0]
    times = {1, last // 2, last // 3, last - 1, last, last + 1, *(ms + 1 for ms, *_ in whole[:: len(whole) // 8 or 1])}
    for start in sorted(times):
        with VideoReader(odd / name, 1) as video:
            part = listing(video.since(start))
        assert part == [frame for frame in whole if frame[0] >= start], start


def test_a_document_says_the_rate_that_was_counted(odd, tmp_path, lite):
    process_video(odd / "uneven.asf", None, tmp_path / "out.json", Options(model_path=lite))
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["meta"]["fps"] == pytest.approx(8.40, abs=0.005)
    assert [frame["timestamp_ms"] for frame in document["frames"]] == pytest.approx(UNEVEN, abs=1)


def test_a_video_is_read_once(odd):
    with VideoReader(odd / "raw.h264") as video:
        assert len(list(video)) == 20
        with pytest.raises(RuntimeError, match=r"raw\.h264: is read once; open it again"):
            list(video)
        with pytest.raises(RuntimeError, match="open it again"):
            video.since(100)
    assert np.all(np.diff(UNEVEN) > 0)
