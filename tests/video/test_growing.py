"""A file that changes while it is read: somebody still records to it, or cuts it off."""

import os

import av
import numpy as np
import pytest

from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import VideoReader

PICTURES, FIRST = 120, 60


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """By suffix: so many pictures of noise, which do not fit into what is read ahead."""
    folder, random = tmp_path_factory.mktemp("recorded"), np.random.default_rng(0)
    pictures = random.integers(0, 255, (PICTURES, 96, 128, 3), np.uint8)

    def write(suffix):
        path = folder / f"whole{suffix}"
        if not path.exists():
            with av.open(str(path), "w", options={"cluster_time_limit": "500"} if suffix == ".mkv" else {}) as file:
                stream = file.add_stream("libx264", rate=10, options={"preset": "ultrafast", "g": "10"})
                stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
                for picture in pictures:
                    file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
                file.mux(stream.encode(None))
        return path

    return write


def check(numbers, times, most=PICTURES):
    """Frames one after the other, each once, of a part of the file or of all."""
    assert numbers == list(range(len(numbers))) and FIRST // 2 <= len(numbers) <= most
    assert times == sorted(set(times))


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".mp4"])
@pytest.mark.parametrize("after", [1, 40])
def test_what_comes_while_a_file_is_read_may_be_read_too(recorded, tmp_path, suffix, after):
    """An MP4 has its index at its end: there all is known before, and what is put behind it is nothing."""
    content, path = recorded(suffix).read_bytes(), tmp_path / f"growing{suffix}"
    half = len(content) if suffix == ".mp4" else len(content) // 2 // 188 * 188
    path.write_bytes(content[:half])
    frames = []
    with VideoReader(path) as video, open(path, "ab") as file:
        for frame in video:
            frames.append((frame.index, frame.time))
            if frame.index == after:
                file.write(content[half:] or content)
                file.flush()
    check(*map(list, zip(*frames, strict=True)))


def test_a_file_that_is_cut_off_while_it_is_read_ends_there(recorded, tmp_path):
    content, path = recorded(".ts").read_bytes(), tmp_path / "cut.ts"
    path.write_bytes(content)
    frames = []
    with VideoReader(path) as video:
        for frame in video:
            frames.append((frame.index, frame.time))
            if frame.index == 1:
                os.truncate(path, len(content) // 2 // 188 * 188)
    check(*map(list, zip(*frames, strict=True)), most=FIRST + 10)


def test_all_outputs_of_a_file_that_grows_have_the_same_frames(recorded, tmp_path, lite):
    content, path = recorded(".ts").read_bytes(), tmp_path / "growing.ts"
    half = len(content) // 2 // 188 * 188
    path.write_bytes(content[:half])
    seen = []

    def grow():
        seen.append(1)
        if len(seen) == 3:
            with open(path, "ab") as file:
                file.write(content[half:])

    options = Options(model_complexity=0, threads=1)
    summary = process_video(path, tmp_path / "out.mp4", tmp_path / "out.json", options, on_frame=grow)
    with av.open(str(tmp_path / "out.mp4")) as written:
        assert sum(1 for _ in written.decode(video=0)) == summary.frames == len(seen)
    assert (tmp_path / "out.json").read_text().count('"frame_index"') == summary.frames
