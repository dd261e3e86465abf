"""What a file says of itself: what people look for stays, and what is private does not unless it is asked for."""

from fractions import Fraction

import av
import numpy as np
import pytest

from posecore.batch import process_videos
from posecore.batch.task import do_task
from posecore.options import Options
from posecore.video import VideoReader, VideoWriter

TAGS = {
    "title": "Der Sprung", "artist": "Ä. Müller", "album": "Training", "comment": "second try", "genre": "Sport",
    "date": "2021-03-04", "copyright": "© 2021", "creation_time": "2021-03-04T05:06:07.000000Z",
}  # fmt: skip
PLACE = "+48.8577+002.2950/"
PRIVATE = {"location": PLACE, "make": "Acme", "model": "Acme 7", "com.acme.serial": "SN-0815"}
SUFFIXES = ("mp4", "mov", "mkv", "webm")


def write(path, tags, video=None, sound=None, flags="use_metadata_tags"):
    """A second of grey and two silent sound tracks, and what file, pictures and the first sound say of themselves."""
    webm = path.suffix == ".webm"
    with av.open(str(path), "w", options={"movflags": flags} if path.suffix in (".mp4", ".mov") else {}) as container:
        container.metadata.update(tags)
        pictures = container.add_stream("libvpx-vp9" if webm else "libx264", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 96, 64, "yuv420p"
        pictures.metadata.update(video or {})
        sounds = [container.add_stream("libopus" if webm else "aac", rate=48000, layout="mono") for _ in range(2)]
        sounds[0].metadata.update(sound or {})
        sounds[1].metadata["language"] = "jpn"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 128, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(pictures.encode(frame))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), "flt", "mono")
        silence.sample_rate = 48000
        for stream in sounds:
            for part in av.AudioResampler(stream.format.name, "mono", 48000).resample(silence):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
        container.mux(pictures.encode(None))
    return path


def said(path):
    """What file, pictures and sounds say, by names in lower case."""
    with av.open(str(path)) as container:
        every = [container, *container.streams.video, *container.streams.audio]
        return [{name.lower(): text for name, text in each.metadata.items()} for each in every]


def texts(path):
    """All that a file says, whatever it is called."""
    return {text for metadata in said(path) for text in metadata.values()}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("said")
    video, sound = {"title": "main view", "location": PLACE}, {"language": "fra", "title": "commentary"}
    return {
        suffix: write(folder / f"a.{suffix}", TAGS | PRIVATE, video | {"language": german(suffix)}, sound)
        for suffix in SUFFIXES
    }


def german(suffix):
    return "ger" if suffix == "mov" else "deu"  # the only name that FFmpeg has for it in QuickTime


def copy(source, target, keep=False):
    """A video as the command reads and writes it."""
    with VideoReader(source) as video, VideoWriter(target, video.info, source, keep_metadata=keep) as writer:
        for frame in video:
            writer.write(frame.image, frame.time, frame.duration)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("source", SUFFIXES)
def test_what_people_look_for_stays_and_what_is_private_does_not(sources, tmp_path, source, suffix):
    copy(sources[source], tmp_path / f"out.{suffix}")
    file, video, *sounds = said(tmp_path / f"out.{suffix}")
    assert {name: file.get(name) for name in TAGS} == TAGS
    assert video["language"] == german(suffix if suffix == "mov" else source)
    assert [sound["language"] for sound in sounds] == ["fra", "jpn"]
    names = [each.get("title") or each.get("name") for each in (video, *sounds)]
    assert names == ["main view", "commentary", None]
    assert not texts(tmp_path / f"out.{suffix}") & set(PRIVATE.values())
    assert PLACE.encode() not in (tmp_path / f"out.{suffix}").read_bytes()
    assert not any("location" in metadata for metadata in said(tmp_path / f"out.{suffix}"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("source", SUFFIXES)
def test_all_of_it_is_kept_when_it_is_asked_for(sources, tmp_path, source, suffix):
    copy(sources[source], tmp_path / f"out.{suffix}", True)
    file, _, *sounds = said(tmp_path / f"out.{suffix}")
    expected = TAGS | PRIVATE
    assert {name: file.get(name) for name in expected} == expected
    assert [sound["language"] for sound in sounds] == ["fra", "jpn"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_place_by_any_name(tmp_path, suffix):
    """As an iPhone writes it; of the file, and of the pictures alone."""
    apple = "com.apple.quicktime."
    file = write(
        tmp_path / "a.mov", {f"{apple}location.ISO6709": PLACE, f"{apple}creationdate": "2021-03-04T06:06:07+0100"}
    )
    stream = write(tmp_path / "b.mkv", {}, {"location": PLACE})
    for source in (file, stream):
        copy(source, tmp_path / f"out.{suffix}")
        assert PLACE not in texts(tmp_path / f"out.{suffix}")
        if source is file:
            assert said(tmp_path / f"out.{suffix}")[0]["date"] == "2021-03-04T06:06:07+0100"
        copy(source, tmp_path / f"out.{suffix}", True)
        assert said(tmp_path / f"out.{suffix}")[0]["location"] == PLACE


@pytest.mark.parametrize("minutes", [None, 0.006])
def test_a_batch_says_the_same(sources, tmp_path, lite, minutes):
    for keep in (False, True):
        out = tmp_path / str(keep)
        result = process_videos(
            str(sources["mp4"]), out, Options(model_complexity=0, keep_metadata=keep), run=here, segment_minutes=minutes
        )
        assert not result.failed
        file, video, *sounds = said(out / "a.mp4")
        assert {name: file.get(name) for name in TAGS} == TAGS
        assert (video["language"], video["name"], sounds[0]["language"]) == ("deu", "main view", "fra")
        assert (file.get("location") == PLACE) == keep and (file.get("make") == "Acme") == keep


def here(tasks, options, progress):
    """A runner without processes."""
    while tasks:
        task = tasks.popleft()
        yield task, do_task(task, options)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_odd_harms_nothing(tmp_path, suffix):
    """A date that is none, a time code, which would become a track, a language that no one has, texts that are none."""
    tags = {
        "creation_time": "yesterday",
        "timecode": "01:00:00:00",
        "title": "a\n\x1bb",
        "encoder": "me",
        "rotate": "90",
    }
    source = write(tmp_path / "a.mkv", tags, {"language": "x-klingon", "rotate": "90"})
    for keep in (False, True):
        copy(source, tmp_path / f"out.{suffix}", keep)
        with VideoReader(tmp_path / f"out.{suffix}") as video:
            assert video.info.size == (96, 64) and len(list(video)) == 10 and not video.problem
        with av.open(str(tmp_path / f"out.{suffix}")) as container:
            assert [stream.type for stream in container.streams] == ["video", "audio", "audio"]


def test_languages_that_quicktime_has_other_names_for(tmp_path):
    for language in ("swe", "nld", "zho", "hrv"):
        source = write(tmp_path / "a.mkv", {}, {"language": language})
        copy(source, tmp_path / "b.mov")
        copy(tmp_path / "b.mov", tmp_path / "c.mp4")
        there, back = (said(tmp_path / name)[1].get("language") for name in ("b.mov", "c.mp4"))
        assert there and back in (language, there)
        assert back in ("swe", "dut", "chi", "hrv")
