"""What is no video is refused in a line that names the file and the cure; no other file is opened; nothing is left."""

import os
import shutil

import pytest

from posecore.batch.inputs import find_inputs
from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import VideoReader

STILLS = "jpg png gif webp avif heic"
# Name: a part of what is said.
REFUSED = {
    "codec-unknown.mov": "no decoder for its pictures (Zq7x: unknown or encrypted); convert it",
    "codec-unknown.avi": "no decoder for its pictures (ZQ7X: unknown or encrypted); convert it",
    "codec-encrypted.mp4": "no decoder for its pictures (encv: unknown or encrypted); convert it",
    "codec-encrypted-cenc.mp4": "its pictures are encrypted; give a file that is not",
    "color-ycgco.mp4": "its colours are coded as YCgCo; convert it to BT.709 first",
    **{f"still.{kind}": "is a picture; give a video file" for kind in STILLS.split()},
    "still-of-four-tiles.avif": "is a picture; give a video file",
    "moving.webp": "is a picture; give a video file",
    "text.txt": "is not a video but a text, a list of files or the like; give a video file",
    "subtitles.srt": "is not a video but a text, a list of files or the like; give a video file",
    "page.html": "is not a video that can be read",
    "noise.mp4": "is not a video that can be read",
    "empty.mp4": "is empty; give a video file",
    "no-index.mp4": "is not a video that can be read",
    "sound-alone.mp4": "has no video stream; give a file with pictures in it",
    "sound-with-cover.m4a": "has no video stream; give a file with pictures in it",
    "list.m3u8": "is not a video but a text, a list of files or the like; give a video file",
    "list-in-disguise.mp4": "is not a video but a text, a list of files or the like; give a video file",
}
# Suffix: frames, milliseconds of one.
TENTHS = ["m2ts", "mts", "ogv", "asf", "wmv", "m4v", "3gp", "3g2", "f4v", "divx", "qt", "nut"]
SUFFIXES = {**dict.fromkeys(TENTHS, (10, 100)), **dict.fromkeys(["vob", "mpg", "m2v"], (25, 40))}
SUFFIXES |= {"mxf": (5, 40), "mjpeg": (10, 40)}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_video_is_refused_in_a_line(odd, tmp_path, name):
    with pytest.raises(ValueError) as refusal:
        process_video(odd / name, tmp_path / "out.mp4", tmp_path / "out.json", Options())
    assert str(refusal.value).startswith(f"{odd / name}: {REFUSED[name]}") and "\n" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["still.heic", "list-in-disguise.mp4", "codec-encrypted-cenc.mp4", "wide.mkv"])
def test_the_command_says_it_in_a_line(odd, tmp_path, run, name):
    done = run("--input", odd / name, "-o", "out.mp4", "--json", "out.json")
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert len(done.stderr.splitlines()) == 1 and name in done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mp4", "ffconcat version 1.0\nfile starts-late.ts\n"),
        ("a.m3u8", "#EXTM3U\n#EXTINF:2,\nstarts-late.ts\n#EXT-X-ENDLIST\n"),
        ("a.mov", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nstarts-late.ts\n#EXT-X-ENDLIST\n"),
        ("a.mpd", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="a"><Period/></MPD>'),
        ("a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"),
        ("a.idx", "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\n"),
        ("a.ass", "[Script Info]\nTitle: nobody speaks\n"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nNobody speaks.\n"),
        ("a.ans", "\x1b[31mA text screen\n" * 30),
    ],
)
def test_a_list_never_opens_another_file(odd, tmp_path, name, text):
    shutil.copy(odd / "starts-late.ts", tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=f"{name}: is not a video"):
        VideoReader(tmp_path / name)


def test_a_name_is_never_a_pattern_of_other_pictures(odd, tmp_path):
    for number in range(3):
        shutil.copy(odd / "still.jpg", tmp_path / f"a{number}.jpg")
    shutil.copy(odd / "still.jpg", tmp_path / "a%d.jpg")
    with pytest.raises(ValueError, match=r"a%d\.jpg: is a picture"):
        VideoReader(tmp_path / "a%d.jpg")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_suffixes(odd, suffix):
    name = f"{suffix}-file.{suffix}"
    assert [os.path.basename(found.path) for found in find_inputs(str(odd / "suffixes"))].count(name) == 1
    frames, step = SUFFIXES[suffix]
    with VideoReader(odd / "suffixes" / name) as video:
        assert [frame.timestamp_ms for frame in video] == list(range(0, frames * step, step))
        assert video.problem is None


def test_pictures_that_move_and_break_off(odd, tmp_path):
    """A PNG of which one picture can be read is a picture; what can be read of one with more is shown."""
    whole = (odd / "moving.png").read_bytes()
    heads = [place for place in range(len(whole)) if whole[place : place + 4] == b"fcTL"]
    for number, path in ((2, tmp_path / "one.png"), (3, tmp_path / "more.png")):
        path.write_bytes(whole[: heads[number] - 1] + b"\xff" + whole[heads[number] :])
    with pytest.raises(ValueError, match=r"one\.png: is a picture"):
        VideoReader(tmp_path / "one.png")
    with VideoReader(tmp_path / "more.png") as video:
        assert 1 < sum(1 for _ in video) < 5 and "reading stopped early" in video.problem
