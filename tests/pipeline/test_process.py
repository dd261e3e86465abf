import gc
import json
import threading
from pathlib import Path

import av
import jsonschema
import numpy as np
import pytest
from media import VIDEOS, decode, demux

import posecore
from posecore.formats import read_document
from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import VideoReader
from posecore.video.segment import Segment

SCHEMA = json.loads((Path(posecore.__file__).parent / "formats" / "keypoints.schema.json").read_text())
LITE = Options(model_complexity=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", VIDEOS)
def test_every_video(videos, lite, tmp_path, name):
    """Frames, times, size and sound of the outputs against what the demuxer says of the input."""
    source, output, document = videos / name, tmp_path / "out.mp4", tmp_path / "out.json"
    summary = process_video(source, output, document, LITE)
    before, sounds_before = demux(source)
    after, sounds_after = demux(output)
    meta, frames = read_document(document)
    jsonschema.validate(json.loads(document.read_text()), SCHEMA)

    assert summary.frames == len(before.times) == len(after.times) == len(frames) == meta["frame_count"]
    assert summary.warnings == ()
    relative = np.array(before.times) - before.times[0]
    np.testing.assert_allclose([f.timestamp_ms for f in frames], 1000 * relative, atol=1)
    np.testing.assert_allclose(np.array(after.times) - after.times[0], relative, atol=0.0002)
    assert [f.index for f in frames] == list(range(len(frames)))
    assert decode(output, 0)[0].shape == (meta["height"], meta["width"], 3)
    if VIDEOS[name]:
        assert (meta["width"], meta["height"]) == VIDEOS[name]
    assert len(sounds_after) == len(sounds_before)
    for a, b in zip(sounds_after, sounds_before, strict=True):
        assert a.end == pytest.approx(b.end, abs=0.06)
    assert summary.frames_with_person == sum(bool(f.persons) for f in frames)


def test_a_video_without_people(videos, lite, tmp_path):
    """Bottles on a belt: every keypoint is 0, 0, 0, and no edge is drawn."""
    summary = process_video(
        videos / "rotate-buck-bunny.mp4", tmp_path / "out.mp4", tmp_path / "out.json", Options(model_complexity=0)
    )
    assert summary.frames_with_person == 0
    for frame in json.loads((tmp_path / "out.json").read_text())["frames"]:
        assert frame["pose_score"] == 0
        assert all((p["x"], p["y"], p["score"]) == (0, 0, 0) for p in frame["keypoints"])


def keypoints(source, path, **options):
    process_video(source, json=path, options=Options(model_complexity=1, **options))
    return np.array([frame.persons[0].keypoints.xy for frame in read_document(path)[1]])


def test_keypoints_are_full_size_pixels_at_any_inference_size(videos, tmp_path):
    """A squatting woman, 720×1280: the median keypoint moves by less than 1 % of her height when frames shrink."""
    source = videos / "pose_squats.mp4"
    full = keypoints(source, tmp_path / "0.json", max_side=0)
    height = np.median(np.ptp(full[..., 1], axis=1))
    for max_side in (640, 320):
        small = keypoints(source, tmp_path / f"{max_side}.json", max_side=max_side)
        distance = np.median(np.linalg.norm(small - full, axis=-1))
        print(f"max_side {max_side}: median distance {distance:.2f} px of {height:.0f} px")
        assert distance < 0.01 * height


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("edges", [(0, None), (0, 2000), (4500, 6500)])
def test_a_video_leaves_nothing_behind(videos, lite, tmp_path, threads, edges):
    """No thread, and no memory that waits for the garbage collector: in a batch that would be a decoder per video."""

    def run():
        options = Options(model_complexity=0, engine="openvino", threads=threads)
        outputs = tmp_path / "out.mp4", tmp_path / f"{threads}.json"
        process_video(videos / "pose_squats.mp4", *outputs, options, segment=Segment(*edges))

    def readers():
        return [thing for thing in gc.get_objects() if isinstance(thing, VideoReader)]

    run()
    gc.collect()
    before, threads_before = readers(), threading.active_count()  # pytest keeps what earlier tests raised
    gc.disable()
    try:
        run()
        assert readers() == before
        assert gc.collect() == 0 and threading.active_count() == threads_before
    finally:
        gc.enable()


def test_one_thread_does_what_many_do(videos, lite, tmp_path):
    stages = {"decode", "inference", "draw and encode"}
    for threads, expected in ((1, set()), (4, stages)):
        seen = set()
        process_video(
            videos / "pose_squats.mp4",
            tmp_path / "out.mp4",
            tmp_path / f"{threads}.json",
            Options(model_complexity=0, engine="openvino", threads=threads),
            on_frame=lambda seen=seen: seen.update(thread.name for thread in threading.enumerate()),
        )
        assert seen & stages == expected
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "4.json").read_bytes()


def test_min_score_changes_the_picture_and_not_the_document(videos, lite, tmp_path):
    source = videos / "video_90.mov"
    documents = []
    for score in (0.0, 1.0):
        options = Options(model_complexity=0, min_score=score, perf_text=False)
        process_video(source, tmp_path / "out.mp4", tmp_path / "out.json", options)
        documents.append((tmp_path / "out.json").read_text())
    assert documents[0] == documents[1]


def test_perf_text_can_be_switched_off(lite, tmp_path):
    """On grey, with nobody there: white text on dark at the top left, and nothing but grey without it."""
    with av.open(str(tmp_path / "grey.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 320, 180
        grey = av.VideoFrame.from_ndarray(np.full((180, 320, 3), 128, np.uint8))
        for packet in [*stream.encode(grey), *stream.encode(None)]:
            container.mux(packet)
    contrast = {}
    for text in (True, False):
        process_video(tmp_path / "grey.mp4", tmp_path / "out.mp4", options=Options(model_complexity=0, perf_text=text))
        picture = decode(tmp_path / "out.mp4", 0)[0].astype(int)
        contrast[text] = np.ptp(picture[:40, :160]), np.ptp(picture[90:])
    assert contrast[True][0] > 150 and contrast[True][1] < 10
    assert max(contrast[False]) < 10


@pytest.mark.parametrize(
    ("output", "document", "message"),
    [
        (None, None, "nothing to write"),
        ("in.mp4", None, "is the input and the output"),
        (None, "in.mp4", "is the input and the JSON"),
        ("sub/../out.mp4", "out.mp4", "is the output and the JSON"),
    ],
)
def test_paths_that_collide_are_refused(tiny_video, tmp_path, monkeypatch, output, document, message):
    monkeypatch.chdir(tmp_path)
    Path("in.mp4").write_bytes(tiny_video.read_bytes())
    Path("sub").mkdir()
    with pytest.raises(ValueError, match=message):
        process_video("in.mp4", output, document, LITE)
    assert Path("in.mp4").read_bytes() == tiny_video.read_bytes()


def test_options_out_of_range_are_refused():
    for wrong in ({"max_side": -5}, {"min_score": 2}, {"model_complexity": 3}, {"engine": "x"}, {"delegate": "tpu"}):
        with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
            Options(**wrong)
