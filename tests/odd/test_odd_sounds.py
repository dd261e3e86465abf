"""Odd sounds: unknown codecs, orders of channels, clocks, rates; and what browsers do not play."""

import subprocess
import sys

import numpy as np
import pytest
from odd_files import CONTAINERS, convert, pictures, sounds
from waiting import HANGS

IN_A_PROCESS = """
import sys
from odd_files import CONTAINERS, convert
for suffix in CONTAINERS:
    assert not convert(sys.argv[1], f"{sys.argv[2]}/out{suffix}").problems
"""


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_a_second_track_of_an_unknown_codec_is_left_out(odd, tmp_path, suffix):
    done = convert(odd / "sound-unknown-second.mov", tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 2000, 100))
    assert pictures(done.path).length == pytest.approx(2, abs=0.002)
    (sound,) = sounds(done.path)
    assert sound.pitches() == [pytest.approx(440, abs=2)] and sound.seconds == pytest.approx(2, abs=0.1)
    assert len(done.problems) == 1
    assert "sound-unknown-second.mov: sound left out, it cannot be read (apac: unknown" in done.problems[0]


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_an_only_track_of_an_unknown_codec_is_left_out(odd, tmp_path, suffix):
    done = convert(odd / "sound-unknown-only.mov", tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 2000, 100)) and sounds(done.path) == []
    assert pictures(done.path).length == pytest.approx(2, abs=0.002)
    assert len(done.problems) == 1 and "sound left out" in done.problems[0]


@pytest.mark.parametrize(
    ("name", "frames", "pitches"),
    [
        ("sound-right-left.mov", 10, [880, 440]),
        ("sound-unused-channels.mov", 5, [440, 440]),
        ("sound-8-channels-odd-order.mov", 3, [440, 440]),
        ("sound-7.1.mov", 3, [440, 440]),
    ],
)
def test_channels_of_an_order_of_their_own(odd, tmp_path, name, frames, pitches):
    """In a process of its own: what goes wrong there ends it, at the latest when it exits."""
    command = [sys.executable, "-c", IN_A_PROCESS, odd / name, tmp_path]
    path = {"PYTHONPATH": ":".join(sys.path), "PYTHONMALLOC": "debug", "MALLOC_CHECK_": "3"}
    done = subprocess.run(command, env=path, capture_output=True, text=True, timeout=HANGS)
    assert (done.returncode, done.stderr) == (0, "")
    for suffix in CONTAINERS:
        assert pictures(tmp_path / f"out{suffix}").seconds == pytest.approx([n / 10 for n in range(frames)], abs=0.002)
        (sound,) = sounds(tmp_path / f"out{suffix}")
        assert sound.pitches() == [pytest.approx(pitch, abs=4) for pitch in pitches], suffix
        assert sound.seconds == pytest.approx(frames / 10, abs=0.1), suffix
        if name == "sound-7.1.mov":  # a centre of -21.1 dB is heard from left and right with 3 dB less
            level = 20 * np.log10(np.sqrt((sound.samples[:, 4800:9600] ** 2).mean()))
            assert level == pytest.approx(-24.1, abs=0.5), suffix


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_a_clock_of_sound_that_steps_back(odd, tmp_path, suffix):
    done = convert(odd / "sound-steps-back.flv", tmp_path / f"out{suffix}")
    shown = pictures(done.path)
    assert done.ms == list(range(0, 2000, 100))
    assert shown.luma == pytest.approx([30 + 10 * n for n in range(20)], abs=3)
    (sound,) = sounds(done.path)
    assert sound.rising and sound.seconds == pytest.approx(2, abs=0.1)
    assert sound.pitches() == [pytest.approx(440, abs=2)]


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_sound_that_never_comes(odd, tmp_path, suffix):
    done = convert(odd / "sound-never-comes.ts", tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 2000, 100)) and sounds(done.path) == []
    assert pictures(done.path).length == pytest.approx(2, abs=0.002)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize(
    ("name", "frames", "rates"),
    [
        ("sound-11024-hz.avi", 10, {11025}),
        ("sound-37800-hz.mov", 5, {44100}),
        ("sound-7000-hz.avi", 10, {8000, 7350}),
    ],
)
def test_rates_that_aac_has_no_number_for(odd, tmp_path, suffix, name, frames, rates):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 100 * frames, 100)) and not done.problems
    (sound,) = sounds(done.path)
    assert sound.pitches() == [pytest.approx(440, abs=2)] and sound.seconds == pytest.approx(frames / 10, abs=0.1)
    if suffix in (".mp4", ".mov"):
        assert sound.codec == "aac" and sound.rate in rates


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("name", ["sound-mp2.ts", "sound-ac3.mkv", "sound-eac3.mp4", "sound-alac.mov"])
def test_what_browsers_do_not_play_is_encoded_anew(odd, tmp_path, suffix, name):
    done = convert(odd / name, tmp_path / f"out{suffix}")
    assert done.ms == list(range(0, 1000, 100)) and not done.problems
    (sound,) = sounds(done.path)
    assert sound.pitches() == [pytest.approx(440, abs=2)] * 2 and sound.seconds == pytest.approx(1, abs=0.1)
    if suffix != ".mkv":
        assert sound.codec == ("opus" if suffix == ".webm" else "aac")
