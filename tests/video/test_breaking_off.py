"""Where a file cannot be read or decoded any further: what came before counts, for everything that reads a file."""

import struct
from fractions import Fraction
from itertools import islice
from types import SimpleNamespace

import av
import numpy as np
import pytest

from posecore.video import VideoReader, VideoWriter, sound
from posecore.video.decoder import Decoder
from posecore.video.facts import Facts
from posecore.video.shown import shown_track
from posecore.video.sound_encoder import SoundEncoder
from posecore.video.timeline import Timeline, counted_rate

BROKEN = av.InvalidDataError(1094995529, "Invalid data found when processing input")


@pytest.fixture
def breaking(monkeypatch):
    """Have every file break off after so many packets, as on a disk that has a fault there."""
    whole = Timeline.packets

    def after(count):
        def packets(self):
            yield from islice(whole(self), count)
            raise BROKEN

        monkeypatch.setattr(Timeline, "packets", packets)

    return after


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Of a container: 40 pictures of 96×64 in 4 s, every tenth a key picture, and a tone."""
    made = {}

    def make(suffix, audio="aac", layout="stereo", options=None):
        key = suffix, audio, layout
        if key not in made:
            made[key] = tmp_path_factory.mktemp("clips") / f"a.{suffix}"
            write(made[key], audio, layout, options or {})
        return made[key]

    return make


def write(path, audio, layout, options):
    with av.open(str(path), "w") as file:
        shown = file.add_stream("libx264", rate=10, options={"preset": "ultrafast", "g": "10"})
        shown.width, shown.height, shown.pix_fmt = 96, 64, "yuv420p"
        heard = file.add_stream(audio, rate=48000, layout=layout, options=options)
        channels = heard.layout.nb_channels
        resampler = av.AudioResampler(heard.format, layout, 48000)
        for second in range(4):
            for number in range(10):
                picture = np.full((64, 96, 3), 5 * (10 * second + number), np.uint8)
                file.mux(shown.encode(av.VideoFrame.from_ndarray(picture)))
            tone = np.sin(np.arange(48000) / 9).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(np.tile(tone, (channels, 1)), "fltp", layout)
            frame.rate, frame.pts = 48000, 48000 * second
            for part in resampler.resample(frame):
                file.mux(heard.encode(part))
        for stream in (shown, heard):
            file.mux(stream.encode(None))


def copy(source, path):
    """What was wrong with the pictures and the sound of a video that is written anew."""
    with VideoReader(source) as video, VideoWriter(path, video.info, source) as writer:
        for frame in video:
            writer.write(frame.image, frame.time, frame.duration)
    return video.problem, writer.problem


def test_frames_before_are_kept(breaking, clip):
    breaking(100)
    with VideoReader(clip("mkv")) as video:
        frames = [frame.timestamp_ms for frame in video]
        assert 5 < len(frames) < 40 and frames == list(range(0, 100 * len(frames), 100))
        assert f"reading stopped early ({BROKEN.strerror}); the frames before it are kept" in video.problem


@pytest.mark.parametrize("threads", [1, 4])
def test_damage_in_what_the_decoder_held_back_is_told(breaking, made, threads):
    """With several threads it decodes the damaged frame, the fifteenth, when all that is to come has come."""
    breaking(17)
    with VideoReader(made / "damaged.mp4", threads) as video:
        assert 14 <= sum(1 for _ in video) <= 16
        assert "1 damaged part stepped over" in video.problem and "reading stopped early" in video.problem


def test_what_is_counted_is_what_came(breaking, clip):
    decoder = Decoder(clip("mkv"), 1)
    whole = decoder.count(Fraction(0), Fraction(100))
    breaking(40)
    with av.open(str(clip("mkv"))) as file:
        stream = shown_track(file)
        came = sum(packet.stream is stream for packet in islice(file.demux(), 40))
        file.seek(0)
        assert counted_rate(file, stream) == pytest.approx(10, rel=0.01)
    assert whole == 40 and decoder.count(Fraction(0), Fraction(100)) == came < 40
    decoder.close()


def test_a_key_picture_before_is_found(breaking, clip):
    """In what is read from the front."""
    decoder = Decoder(clip("avi", "mp3"), 1)
    breaking(60)
    found = list(decoder.pictures_since(Fraction(3)))
    assert found and found[0].time <= 3 and decoder.broken
    decoder.close()


def test_a_fragment_without_a_beginning_is_refused(tmp_path):
    (tmp_path / "a.mp4").write_bytes(struct.pack(">I4s", 1000, b"moof") + bytes(20))
    with pytest.raises(ValueError, match=r"a\.mp4: is not a video that can be read"):
        VideoReader(tmp_path / "a.mp4")


@pytest.mark.parametrize(("packets", "least", "most"), [(0, 0, 0), (3, 0.02, 0.2), (60, 0.2, 3.9)])
def test_sound_before_is_kept(breaking, clip, tmp_path, packets, least, most):
    """Also where a file breaks off among its first packets, by which its sound is known."""
    with VideoReader(clip("mkv")) as video:
        frames = list(video)
    breaking(packets)
    with VideoWriter(tmp_path / "out.mp4", video.info, clip("mkv")) as writer:
        for frame in frames:
            writer.write(frame.image, frame.time, frame.duration)
    with av.open(str(tmp_path / "out.mp4")) as out:
        packets = [packet for packet in out.demux() if packet.size and packet.stream.type == "audio"]
    ends = [float((packet.pts + packet.duration) * packet.time_base) for packet in packets]
    assert least <= max(ends, default=0) <= most


@pytest.mark.parametrize(
    ("damaged", "told"),
    [(lambda n: n % 3 == 0, "damaged parts of the sound left out"), (lambda n: True, "cannot be read (alac: damaged)")],
)
def test_sound_that_cannot_be_decoded_is_left_out(clip, tmp_path, damaged, told):
    source = clip("mov", "alac")
    content = bytearray(source.read_bytes())
    with av.open(str(source)) as file:
        packets = [(packet.pos, packet.size) for packet in file.demux(audio=0) if packet.size]
    for number, (place, size) in enumerate(packets):
        if damaged(number):
            content[place : place + size] = bytes(size)
    (tmp_path / "a.mov").write_bytes(content)
    shown, heard = copy(tmp_path / "a.mov", tmp_path / "out.mp4")
    assert shown is None and told in heard


@pytest.mark.parametrize("error", [BROKEN, ValueError("an order of channels of its own")])
def test_sound_that_no_encoder_takes_is_left_out(clip, tmp_path, monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(sound, "SoundEncoder", refuse)
    assert "sound left out, it cannot be read (alac)" in copy(clip("mov", "alac"), tmp_path / "out.mp4")[1]


def test_the_end_of_a_sound_that_cannot_be_encoded_is_counted(clip, tmp_path, monkeypatch):
    def refuse(self):
        raise BROKEN

    monkeypatch.setattr(SoundEncoder, "flush", refuse)
    assert "1 damaged part of the sound left out" in copy(clip("mov", "alac"), tmp_path / "out.mp4")[1]


def test_sound_that_a_container_refuses_is_left_out(clip, tmp_path):
    """Packets that are not what their codec says."""

    class Refusing:
        def mux_one(self, packet):
            raise BROKEN

    source = clip("mkv")
    with VideoReader(source) as video, VideoWriter(tmp_path / "out.mp4", video.info, source) as writer:
        writer._audio._output = Refusing()
        for frame in video:
            writer.write(frame.image, frame.time, frame.duration)
    assert "damaged parts of the sound left out" in writer.problem


def test_of_ambisonics_the_first_channel_is_heard(tmp_path):
    """It is what comes from everywhere; FFmpeg has no way from them to stereo."""
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        encoder = SoundEncoder(file, SimpleNamespace(channels=4, sample_rate=48000), Facts())
        frame = av.AudioFrame(format="s16", layout="ambisonic 1", samples=9600)
        frame.sample_rate, frame.time_base, frame.pts = 48000, Fraction(1, 48000), 0
        samples = np.zeros((9600, 4), np.int16)
        samples[:, 0] = 9000 * np.sin(np.arange(9600) / 9)
        frame.planes[0].update(samples.tobytes())
        for packet in (*encoder.encode(frame), *encoder.flush()):
            file.mux(packet)
    with av.open(str(tmp_path / "a.mp4")) as file:
        assert max(np.abs(frame.to_ndarray()).max() for frame in file.decode(audio=0)) > 0.2
