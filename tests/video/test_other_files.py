"""No video makes us read another file, whatever stands in it; the attacks are shown to work where nobody is careful."""

import struct
from threading import Event

import av
import numpy as np
import pytest

from posecore.video import VideoReader
from posecore.video.container import DEMUXERS
from posecore.video.live_input import LiveInput, Pipe, open_live

# Of FFmpeg's demuxers: what names other files, or goes on in them.
NAMERS = {
    *("concat", "dash", "dvdvideo", "hls", "image2", "imf", "lavfi", "mlv", "rtsp", "sdp", "tedcaptions"),
    *("vapoursynth", "vobsub", "webm_dash_manifest"),
}


def write_grey(path, level, frames=5):
    """Pictures of 96×64, all of one grey; the index is at the end."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(frames):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((64, 96, 3), level, np.uint8))))
        file.mux(stream.encode(None))
    return path


def alias(path):
    """A data reference of QuickTime to a file by its absolute path, as FFmpeg reads it (mov_read_dref in mov.c)."""
    record = bytes(10) + b"\1" + b"/".ljust(27, b"\0") + bytes(12)
    record += (
        bytes([len(path.name)]) + path.name.encode().ljust(63, b"\0") + bytes(16) + struct.pack(">hh", 1, 1) + bytes(16)
    )
    name = str(path).encode()
    name += b"\0" * (len(name) % 2)
    record += struct.pack(">HH", 2, len(name)) + name + struct.pack(">hH", -1, 0)
    return struct.pack(">I4sI", 12 + len(record), b"alis", 0) + record


def refer(video, other):
    """Have the track of a .mov take its pictures from another file."""
    content, own = video.read_bytes(), struct.pack(">I4sI", 12, b"url ", 1)
    place = content.index(own)
    more = len(alias(other)) - len(own)
    content = bytearray(content[:place] + alias(other) + content[place + len(own) :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = content.index(name, content.index(b"moov")) - 4
        content[at : at + 4] = struct.pack(">I", struct.unpack_from(">I", content, at)[0] + more)
    video.write_bytes(content)


def greys(frames):
    return [round(frame.to_ndarray(format="gray").mean()) for frame in frames]


def test_a_reference_to_another_file_is_not_followed(tmp_path):
    secret = write_grey(tmp_path / "secret.mov", 200)
    video = write_grey(tmp_path / "a.mov", 20)
    refer(video, secret)
    with av.open(str(video), options={"enable_drefs": "1", "use_absolute_path": "1"}) as careless:
        assert all(abs(grey - 200) < 20 for grey in greys(careless.decode(video=0)))
    with pytest.raises(ValueError, match=r"a\.mov: holds no frame"):
        VideoReader(video)


def test_no_demuxer_is_allowed_that_names_other_files():
    assert "mov" in DEMUXERS.split(",") and not NAMERS & set(DEMUXERS.split(","))


def magic_lantern():
    """A file of Magic Lantern's raw video with one picture, which FFmpeg takes for the first part of several."""
    head = b"MLVI" + struct.pack("<I", 52) + b"v2.0\0\0\0\0" + struct.pack("<QHHIHHIIII", 7, 0, 1, 0, 1, 0, 1, 0, 25, 1)
    size = b"RAWI" + struct.pack("<IQHH", 180, 0, 96, 64)
    picture = b"VIDF" + struct.pack("<IQIHHHHI", 48, 0, 0, 0, 0, 0, 0, 0)
    return head.ljust(52, b"\0") + size.ljust(180, b"\0") + picture.ljust(48, b"\0")


def test_a_video_does_not_go_on_in_other_files(tmp_path):
    (tmp_path / "a.mp4").write_bytes(magic_lantern())
    with av.open(str(tmp_path / "a.mp4")) as careless:
        assert careless.format.name == "mlv"
    with pytest.raises(ValueError, match=r"a\.mp4: is not a video"):
        VideoReader(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "head", ["#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {}\n"]
)
@pytest.mark.parametrize("name", ["standard input", "a.m3u8"])  # by a name FFmpeg would know a list
def test_a_list_on_standard_input_is_none(tmp_path, monkeypatch, head, name):
    secret = write_grey(tmp_path / "secret.ts", 200)
    (tmp_path / "list").write_text(head.format(f"file://{secret}"))
    monkeypatch.setattr(Pipe, "name", name)
    with open(tmp_path / "list", "rb") as file, pytest.raises(ValueError, match="standard input: "):
        open_live(LiveInput("stdin"), Pipe(Event(), 1, 1, file), 5, 5)
