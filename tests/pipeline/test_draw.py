"""The video from a document is the one of the run."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from media import demux

from posecore.options import Options
from posecore.pipeline import draw_video, process_video
from posecore.video import VideoReader, plane_array

LITE = Options(model_complexity=0, perf_text=False, crf=0)  # without loss: what was drawn is what is read


def planes(path):
    with VideoReader(path) as video:
        return [[plane_array(plane).copy() for plane in frame.yuv().planes] for frame in video]


def check_alike(run, drawn):
    """No pixel of a plane is other than what the run has there or on one of the eight beside it.

    What is drawn moves by 1/16 of a pixel, or a text by one, where the document has rounded.
    """
    for one, other in zip(planes(run), planes(drawn), strict=True):
        for a, b in zip(one, other, strict=True):
            around = np.ones((3, 3), np.uint8)
            assert (b >= cv2.erode(a, around).astype(int) - 8).all()
            assert (b <= cv2.dilate(a, around).astype(int) + 8).all()
            assert (a != b).mean() < 0.01


@pytest.mark.parametrize("people", [1, 0])
def test_it_is_the_video_of_the_run(made, lite, tmp_path, people):
    source, options = made / "two_people.mp4", replace(LITE, people=people)
    run, document, drawn = (tmp_path / name for name in ("run.mp4", "a.json", "drawn.mp4"))
    process_video(source, run, document, options)
    assert draw_video(source, document, drawn, replace(options, perf_text=True)) == ()
    check_alike(run, drawn)
    assert demux(run) == demux(drawn)
    with pytest.raises(AssertionError):
        check_alike(source, drawn)  # nothing drawn


def test_time_sound_and_rotation_are_those_of_a_run(made, lite, tmp_path):
    for name in ("phone.mp4", "variable_rate.mp4"):
        run, document, drawn = (tmp_path / part for part in ("run.mp4", "a.json", "drawn.mp4"))
        process_video(made / name, run, document, LITE)
        draw_video(made / name, document, drawn, LITE)
        assert demux(run) == demux(drawn)


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_stretch_is_drawn_on_the_same_stretch(made, lite, tmp_path, keep_time):
    options = replace(LITE, start=0.55, end=1.2, keep_time=keep_time)
    run, document, drawn = (tmp_path / name for name in ("run.mp4", "a.json", "drawn.mp4"))
    process_video(made / "phone.mp4", run, document, options)
    assert draw_video(made / "phone.mp4", document, drawn, options) == ()
    check_alike(run, drawn)
    assert demux(run) == demux(drawn)
    with pytest.raises(ValueError, match="the video has more; give the --start and --end of its run"):
        draw_video(made / "phone.mp4", document, drawn, LITE)


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
