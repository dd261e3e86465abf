"""One video, from the file to the outputs."""

import gc
import json
import os
import threading
from pathlib import Path

import cv2
import jsonschema
import numpy as np
import pytest
from made import VIDEOS, write
from media import REAL, copy, decode, demux

import posecore
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document
from posecore.options import Options
from posecore.overlay import Canvas, draw_label
from posecore.overlay.colors import PLAIN
from posecore.overlay.skeleton import line_width
from posecore.pipeline import process_video
from posecore.pipeline.meter import Meter
from posecore.video import VideoReader
from posecore.video.segment import Segment

SCHEMA = json.loads((Path(posecore.__file__).parent / "formats" / "keypoints.schema.json").read_text())
LITE = Options(model_complexity=0)


def check_outputs(source, folder, size=None):
    """Frames, times, size and sound of the outputs against what the demuxer says of the input."""
    output, document = folder / "out.mp4", folder / "out.json"
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
    if size:
        assert (meta["width"], meta["height"]) == size
    assert len(sounds_after) == len(sounds_before)
    for a, b in zip(sounds_after, sounds_before, strict=True):
        assert a.end == pytest.approx(b.end, abs=0.06)
    assert summary.frames_with_person == sum(bool(f.persons) for f in frames)
    return summary


@pytest.mark.parametrize("name", VIDEOS)
def test_every_video(made, lite, tmp_path, name):
    summary = check_outputs(made / name, tmp_path, VIDEOS[name])
    if name in ("one_person.mp4", "two_people.mp4", "sixty.mp4", "phone.mp4"):
        assert summary.frames_with_person == summary.frames
    if name in ("nobody.mp4", "one_pixel.mp4"):
        assert summary.frames_with_person == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_every_real_video(videos, lite, tmp_path, name):
    check_outputs(videos / name, tmp_path, REAL[name])


def test_whoever_is_filmed_upright_stands_upright(made, lite, tmp_path):
    """The phone lay on its side: in the document her head is above her feet, all over the picture."""
    process_video(made / "phone.mp4", json=tmp_path / "out.json", options=LITE)
    for frame in read_document(tmp_path / "out.json")[1]:
        xy = frame.persons[0].keypoints.xy
        nose, ankles = xy[0], xy[[15, 16]]
        assert 60 < nose[1] < 180 and (ankles[:, 1] > 450).all() and (ankles[:, 1] < 640).all()
        assert ((xy[:, 0] > 0) & (xy[:, 0] < 360)).all()


def test_nobody_is_all_zeros_and_nothing_is_drawn(made, lite, tmp_path):
    options = Options(model_complexity=0, perf_text=False, crf=5)
    summary = process_video(made / "nobody.mp4", tmp_path / "out.mp4", tmp_path / "out.json", options)
    assert summary.frames == 25 and summary.frames_with_person == 0
    for frame in json.loads((tmp_path / "out.json").read_text())["frames"]:
        assert frame["pose_score"] == 0
        assert all((p["x"], p["y"], p["score"]) == (0, 0, 0) for p in frame["keypoints"])
    before, after = (decode(path, 12)[0].astype(int) for path in (made / "nobody.mp4", tmp_path / "out.mp4"))
    assert np.abs(after - before).max() < 40  # a line or a dot differs by 100 and more


def alone(xy, radius):
    """The keypoints whose dots no other dot touches."""
    distance = np.linalg.norm(xy[:, None] - xy, axis=2) + 1e9 * np.eye(len(xy))
    return distance.min(axis=1) > 2 * radius


def test_keypoints_are_drawn_where_the_document_says_in_the_colour_of_their_side(made, lite, tmp_path):
    """In every fourth frame of the output, as a player decodes it."""
    options = Options(model_complexity=0, perf_text=False, crf=5)
    process_video(made / "one_person.mp4", tmp_path / "out.mp4", tmp_path / "out.json", options)
    frames = read_document(tmp_path / "out.json")[1][::4]
    canvas = Canvas.rgb(np.zeros((848, 480, 3), np.uint8))
    radius, seen = round(1.4 * line_width(canvas, options)), []
    for frame, picture in zip(frames, decode(tmp_path / "out.mp4", *range(0, 65, 4)), strict=True):
        points = frame.persons[0].keypoints
        for i in np.flatnonzero(alone(points.xy, radius) & (points.score >= 0.2)):
            x, y = points.xy[i].astype(int)
            assert np.abs(picture[y, x].astype(int) - PLAIN.of(i)).max() < 45, (frame.index, KEYPOINT_NAMES[i])
            seen.append(PLAIN.of(i))
    assert min(seen.count(PLAIN.left), seen.count(PLAIN.right)) > 50


def keypoints(source, path, **options):
    process_video(source, json=path, options=Options(model_complexity=1, **options))
    return np.array([frame.persons[0].keypoints.xy for frame in read_document(path)[1]])


def check_inference_sizes(source, folder):
    """The median keypoint moves by less than 1 % of her height when frames shrink."""
    full = keypoints(source, folder / "0.json", max_side=0)
    height = np.median(np.ptp(full[..., 1], axis=1))
    for max_side in (640, 320):
        small = keypoints(source, folder / f"{max_side}.json", max_side=max_side)
        distance = np.median(np.linalg.norm(small - full, axis=-1))
        print(f"max_side {max_side}: median distance {distance:.2f} px of {height:.0f} px")
        assert distance < 0.01 * height


def test_keypoints_are_full_size_pixels_at_any_inference_size(made, tmp_path):
    check_inference_sizes(made / "one_person.mp4", tmp_path)


@pytest.mark.slow
def test_keypoints_of_a_real_video_are_full_size_pixels_at_any_inference_size(videos, tmp_path):
    """A squatting woman, 720×1280."""
    check_inference_sizes(videos / "pose_squats.mp4", tmp_path)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("edges", [(0, None), (0, 2000), (4500, 6500)])
def test_a_video_leaves_nothing_behind(made, lite, tmp_path, threads, edges):
    """No thread, and no memory that waits for the garbage collector: in a batch that would be a decoder per video."""

    def run():
        options = Options(model_complexity=0, engine="openvino", threads=threads)
        outputs = tmp_path / "out.mp4", tmp_path / f"{threads}.json"
        process_video(made / "one_person.mp4", *outputs, options, segment=Segment(*edges))

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


def test_one_thread_does_what_many_do(made, lite, tmp_path):
    stages = {"decode", "inference", "draw and encode"}
    for threads, expected in ((1, set()), (4, stages)):
        seen = set()
        process_video(
            made / "one_person.mp4",
            tmp_path / "out.mp4",
            tmp_path / f"{threads}.json",
            Options(model_complexity=0, engine="openvino", threads=threads),
            on_frame=lambda seen=seen: seen.update(thread.name for thread in threading.enumerate()),
        )
        assert seen & stages == expected
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "4.json").read_bytes()


def test_a_video_that_gets_more_cores_on_the_way_is_the_same(made, lite, tmp_path):
    done, names = [], set()

    def on_frame():
        done.append(len({thread.name for thread in threading.enumerate()} & {"decode", "inference", "draw and encode"}))

    for name, cores in (("one", None), ("more", lambda: 3 if len(done) >= 10 else 1)):
        done.clear()
        outputs = tmp_path / f"{name}.mp4", tmp_path / f"{name}.json"
        options = Options(model_complexity=0, engine="openvino", threads=1, perf_text=False)
        process_video(made / "one_person.mp4", *outputs, options, on_frame=on_frame, cores=cores)
        names.add((set(done[:10]) == {0}, max(done)))
    assert names == {(True, 0), (True, 3)}
    for suffix in ("mp4", "json"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"more.{suffix}").read_bytes()


def test_min_score_changes_the_picture_and_not_the_document(made, lite, tmp_path):
    """0 draws all of them, 1 those of which the document says that they are sure beyond any doubt."""
    documents, drawn = [], []
    plain = copy(made / "turned_90.mov", tmp_path / "plain.mp4")
    for score in (0.0, 1.0):
        options = Options(model_complexity=0, min_score=score, perf_text=False)
        process_video(made / "turned_90.mov", tmp_path / "out.mp4", tmp_path / "out.json", options)
        documents.append((tmp_path / "out.json").read_text())
        change = decode(tmp_path / "out.mp4", 1)[0].astype(int) - decode(plain, 1)[0]
        drawn.append((np.abs(change).max(axis=2) > 60).sum())
    assert documents[0] == documents[1]
    print(f"{drawn[0]} and {drawn[1]} pixels are drawn on")
    sure = [keypoint["score"] == 1 for keypoint in json.loads(documents[0])["frames"][1]["keypoints"]]
    assert 0 < sum(sure) < 10 and 100 < drawn[1] < drawn[0] / 2


@pytest.fixture
def grey(tmp_path):
    """Five frames of plain grey, 1280×720."""
    write(tmp_path / "grey.mp4", [np.full((720, 1280, 3), 128, np.uint8)] * 5, size=(1280, 720))
    return tmp_path / "grey.mp4"


def labels_of(monkeypatch):
    """What the meter says of each frame from now on, a new text every time."""
    monkeypatch.setattr("posecore.pipeline.meter.LABEL_SECONDS", 0)
    said, label = [], Meter.label
    monkeypatch.setattr(Meter, "label", lambda self: said.append(label(self)) or said[-1])
    return said


def test_the_text_on_the_video_is_what_the_meter_says(grey, lite, tmp_path, monkeypatch):
    """Frame by frame, at the top left: the same text drawn by the test is nearest to it of all that were said."""
    said = labels_of(monkeypatch)
    process_video(grey, tmp_path / "out.mp4", options=Options(model_complexity=0, crf=5))
    assert len(set(said)) == 5
    for number, picture in enumerate(decode(tmp_path / "out.mp4", *range(5))):
        expected = [draw_label(np.full((720, 1280, 3), 128, np.uint8), text).astype(int) for text in said]
        errors = [np.abs(picture[:72, :640] - one[:72, :640]).mean() for one in expected]
        assert np.argmin(errors) == number and errors[number] < 1 and np.ptp(picture[:72, :640]) > 150
        assert np.ptp(picture[72:]) < 10 and np.ptp(picture[:, 640:]) < 10


def test_perf_text_can_be_switched_off(grey, lite, tmp_path):
    process_video(grey, tmp_path / "out.mp4", options=Options(model_complexity=0, perf_text=False))
    assert all(np.ptp(picture) < 10 for picture in decode(tmp_path / "out.mp4", *range(5)))


@pytest.mark.parametrize(
    ("output", "document", "message"),
    [
        (None, None, "nothing to write"),
        ("in.mp4", None, "is an input too"),
        (None, "in.mp4", "is an input too"),
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
    for wrong in (
        {"max_side": -5},
        {"min_score": 2},
        {"model_complexity": 3},
        {"engine": "x"},
        {"delegate": "tpu"},
        {"device": "TPU"},
    ):
        with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
            Options(**wrong)


def test_threads_hold_for_opencv_too(tiny_video, lite, tmp_path):
    before, seen = cv2.getNumThreads(), set()
    try:
        cv2.setNumThreads(3)
        options = Options(model_complexity=0, threads=2)
        process_video(tiny_video, None, tmp_path / "a.json", options, on_frame=lambda: seen.add(cv2.getNumThreads()))
        assert seen == {2} and cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


def test_the_document_of_a_segment_numbers_frames_as_the_whole_video_does(made, lite, tmp_path):
    """One every 200 ms; those before it, to warm up on, are not in it."""
    segment = Segment(7000, 9500)
    process_video(made / "one_person.mp4", None, tmp_path / "a.json", Options(model_complexity=0), segment=segment)
    meta, frames = read_document(tmp_path / "a.json")
    assert [(frame.index, frame.timestamp_ms) for frame in frames] == [(n, 200 * n) for n in range(35, 48)]
    assert meta["frame_count"] == 13


@pytest.mark.parametrize("output", ["out.mp4", "out.json"])
def test_the_input_under_another_name_is_no_output(tiny_video, tmp_path, output):
    before = tiny_video.read_bytes()
    (tmp_path / "in.mp4").write_bytes(before)
    os.link(tmp_path / "in.mp4", tmp_path / output)
    outputs = {"output" if output.endswith("mp4") else "json": tmp_path / output}
    with pytest.raises(ValueError, match=r"out\.\w+: is an input too; name another file"):
        process_video(tmp_path / "in.mp4", **outputs)
    assert (tmp_path / output).read_bytes() == before
