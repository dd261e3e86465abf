"""The video from a document is the one of the run."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from media import demux

from posecore.formats import change_document, read_document
from posecore.options import Options
from posecore.pipeline import draw_video, process_video
from posecore.video import VideoReader, plane_array

LITE = Options(model_complexity=0, perf_text=False, crf=0)  # without loss: what was drawn is what is read


def planes(path):
    with VideoReader(path) as video:
        return [[plane_array(plane).copy() for plane in frame.yuv().planes] for frame in video]


def check_equal(run, drawn):
    """Of two videos all pixels are."""
    for one, other in zip(planes(run), planes(drawn), strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def check_alike(run, drawn):
    """No pixel is other than what the run has there or on one of the eight beside it: lines move by 1/16 of a pixel."""
    for one, other in zip(planes(run), planes(drawn), strict=True):
        for a, b in zip(one, other, strict=True):
            around = np.ones((3, 3), np.uint8)
            assert (b >= cv2.erode(a, around).astype(int) - 8).all()
            assert (b <= cv2.dilate(a, around).astype(int) + 8).all()
            assert (a != b).mean() < 0.01


EVERYTHING = {
    "color": "score", "line_width": 5, "radius": 9, "boxes": True, "person_scores": True, "names": True,
    "background": "blur-faces", "trail": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("two_people.mp4", {"people": 0}),
        ("two_people.mp4", {"people": 0, **EVERYTHING}),
        ("phone.mp4", {"boxes": True}),
        ("variable_rate.mp4", {"trail": 0.2, "background": "black"}),
        ("odd.webm", {"color": "person", "crf": 30}),
    ],
)
def test_it_is_the_video_of_the_run(made, lite, tmp_path, name, style):
    suffix, options = Path(name).suffix, replace(LITE, **style)
    run, document, drawn = (tmp_path / part for part in (f"run{suffix}", "a.json", f"drawn{suffix}"))
    process_video(made / name, run, document, options)
    assert draw_video(made / name, document, drawn, replace(options, perf_text=True)) == ()
    assert demux(run) == demux(drawn)
    check_equal(run, drawn)
    with pytest.raises(AssertionError):
        check_equal(made / name, drawn)  # nothing drawn


def test_names_are_those_of_the_document(made, lite, tmp_path):
    source, document, named = made / "two_people.mp4", tmp_path / "a.json", tmp_path / "named.json"
    process_video(source, None, document, replace(LITE, people=0))
    change_document(document, named, lambda meta, frames: (meta | {"track_names": {"1": "Anna"}}, frames), "rename")
    options = replace(LITE, names=True)
    for path in (document, named):
        draw_video(source, path, path.with_suffix(".mp4"), options)
    without, drawn = planes(document.with_suffix(".mp4")), planes(named.with_suffix(".mp4"))
    changed = [(a[0] != b[0]).nonzero() for a, b in zip(without, drawn, strict=True)]
    assert sum(len(xs) > 0 for _, xs in changed) > 12  # most frames, and one person only
    assert all(np.ptp(xs) < 200 for _, xs in changed if len(xs))


def test_faces_stay_hidden_while_nobody_sees_them(made, lite, tmp_path):
    """In frames where somebody is missing, or has no sure keypoint, no detail is left where the face was."""
    source, document, output = made / "one_person.mp4", tmp_path / "a.json", tmp_path / "out.mp4"
    process_video(source, None, document, LITE)
    _, frames = read_document(document)
    whole = json.loads(document.read_text())
    for number in range(20, 40):
        for keypoint in whole["frames"][number]["keypoints"]:
            keypoint["score"] = 0 if number % 4 < 2 else 0.01  # a frame whose scores are all 0 has nobody
    document.write_text(json.dumps(whole))
    draw_video(source, document, output, replace(LITE, background="blur-faces", line_width=0, radius=0))
    before, after = planes(source), planes(output)
    compared = 0
    for number in range(16, 44):
        for person in frames[number].persons:
            (left, top), (right, bottom) = (
                edge(person.keypoints.xy[:5], axis=0).astype(int) for edge in (np.min, np.max)
            )
            part = slice(max(0, top - 5), bottom + 5), slice(max(0, left), max(0, right))
            if before[number][0][part].size > 200:
                compared += 1
                assert detail(after[number][0][part]) < detail(before[number][0][part]) / 3, number
    assert compared > 20


def detail(luma):
    part = luma.astype(np.float32)
    return np.abs(part - cv2.GaussianBlur(part, (0, 0), 3)).mean()


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_stretch_is_drawn_on_the_same_stretch(made, lite, tmp_path, keep_time):
    options = replace(LITE, start=0.55, end=1.2, keep_time=keep_time)
    run, document, drawn = (tmp_path / name for name in ("run.mp4", "a.json", "drawn.mp4"))
    process_video(made / "phone.mp4", run, document, options)
    assert draw_video(made / "phone.mp4", document, drawn, options) == ()
    assert demux(run) == demux(drawn)
    check_equal(run, drawn)
    with pytest.raises(ValueError, match="the video has more; give the --start and --end of its run"):
        draw_video(made / "phone.mp4", document, drawn, LITE)


def test_frames_that_a_sparse_document_leaves_out_are_filled_in(made, lite, tmp_path):
    """They are drawn as the run draws them, give or take what the document rounds."""
    source, options = made / "two_people.mp4", replace(LITE, every=4, sparse=True)
    run, document, drawn = (tmp_path / name for name in ("run.mp4", "a.json", "drawn.mp4"))
    process_video(source, run, document, options)
    assert len(read_document(document)[1]) < 10
    draw_video(source, document, drawn, options)
    check_alike(run, drawn)
    assert demux(run) == demux(drawn)


def test_a_document_of_another_video_is_refused(made, tiny_video, lite, tmp_path):
    document, output = tmp_path / "a.json", tmp_path / "out.mp4"
    process_video(tiny_video, None, document, LITE)
    with pytest.raises(ValueError, match=r"a\.json: is of a video of 64×48 pixels, .*two_people\.mp4 has 600×530"):
        draw_video(made / "two_people.mp4", document, output, LITE)
    whole = json.loads(document.read_text())
    frames = whole["frames"]
    for changed, said in (
        (frames[:9], "the document has 9 frames, the video has more"),
        ([*frames, frames[9]], "the video has 10 frames, the document has more"),
    ):
        document.write_text(json.dumps(whole | {"frames": changed}))
        with pytest.raises(ValueError, match=rf"a\.json: is not of .*tiny\.mp4: {said}"):
            draw_video(tiny_video, document, output, LITE)
    assert not list(tmp_path.glob("*out*"))
