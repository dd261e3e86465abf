"""Every n-th frame is looked at, the others are filled in."""

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from batches import here
from media import demux
from test_process import SCHEMA

from posecore.batch import process_videos
from posecore.estimator import PoseEstimator
from posecore.formats import change_document, read_document
from posecore.options import Options
from posecore.pipeline import process_video
from posecore.pipeline.looks import looks
from posecore.tracking import LONGEST_MS
from posecore.video import Frame, VideoReader

LITE = Options(model_complexity=0, perf_text=False)


@pytest.fixture
def spy(monkeypatch):
    """Indexes of the frames that were looked at, and of those that became RGB."""
    looked, converted = [], []
    call, small = PoseEstimator.__call__, Frame.small
    monkeypatch.setattr(
        PoseEstimator, "__call__", lambda self, frame, *more: looked.append(frame.index) or call(self, frame, *more)
    )
    monkeypatch.setattr(Frame, "small", lambda self, side: converted.append(self.index) or small(self, side))
    return looked, converted


def run(source, folder, **options):
    video = options.pop("video", None)
    summary = process_video(source, video, folder / "a.json", replace(LITE, **options))
    document = json.loads((folder / "a.json").read_text())
    jsonschema.validate(document, SCHEMA)
    return summary, document


@pytest.mark.parametrize("threads", [1, 2])
def test_every_third_frame_is_looked_at_and_the_last(made, lite, tmp_path, spy, threads):
    """60 frames; those that nobody asked for are decoded and never converted."""
    summary, document = run(made / "phone.mp4", tmp_path, every=3, threads=threads)
    expected = [*range(0, 60, 3), 59]
    assert spy[0] == expected and sorted(set(spy[1])) == expected
    assert (summary.frames, summary.looked_at) == (60, 21) and document["meta"]["every"] == 3
    frames = document["frames"]
    assert [f["frame_index"] for f in frames] == list(range(60))
    assert [f["frame_index"] for f in frames if "interpolated" not in f] == expected
    assert all(f["interpolated"] is True and f["pose_score"] > 0 for f in frames if "interpolated" in f)


def test_it_is_near_what_every_frame_gives(made, lite, tmp_path):
    """She is 280 pixels high or more and walks."""
    _, whole = run(made / "phone.mp4", tmp_path)
    truth = read_document(tmp_path / "a.json")[1]
    run(made / "phone.mp4", tmp_path, every=3)
    found = read_document(tmp_path / "a.json")[1]
    filled = [(a, b) for a, b in zip(truth, found, strict=True) if b.interpolated]
    xy = np.array([[frame.persons[0].keypoints.xy for frame in pair] for pair in filled])
    distances = np.linalg.norm(xy[:, 0] - xy[:, 1], axis=-1)
    print(f"{np.median(distances):.1f} px median, {np.percentile(distances, 95):.1f} px p95")
    assert len(filled) == 39 and np.median(distances) < 4
    assert all(f.keys() >= {"frame_index"} for f in whole["frames"]) and "every" not in whole["meta"]


def test_sparse_leaves_out_what_was_not_looked_at(made, lite, tmp_path):
    _, full = run(made / "phone.mp4", tmp_path, every=7)
    summary, sparse = run(made / "phone.mp4", tmp_path, every=7, sparse=True, video=tmp_path / "a.mp4")
    assert sparse["frames"] == [frame for frame in full["frames"] if "interpolated" not in frame]
    assert sparse["meta"]["sparse"] is True and sparse["meta"]["frame_count"] == 10
    assert summary.frames == 60 == len(demux(tmp_path / "a.mp4")[0].times)  # all are in the video


def test_the_skeleton_is_drawn_on_all_frames(made, lite, tmp_path):
    run(made / "phone.mp4", tmp_path, every=4, video=tmp_path / "drawn.mp4", crf=5)
    process_video(
        made / "phone.mp4", tmp_path / "plain.mp4", options=replace(LITE, every=4, line_width=0, radius=0, crf=5)
    )
    with VideoReader(tmp_path / "drawn.mp4") as one, VideoReader(tmp_path / "plain.mp4") as two:
        changed = [(np.abs(a.image.astype(int) - b.image) > 60).sum() for a, b in zip(one, two, strict=True)]
    assert len(changed) == 60 and min(changed) > 200


@pytest.mark.parametrize(("rate", "expected"), [(5, [0, 6, 12, 18, 24]), (12, None), (1000, list(range(30)))])
def test_so_many_looks_a_second_at_most(made, rate, expected):
    """30 frames a second; where the rate is no part of that, it is met in the mean."""
    with VideoReader(made / "phone.mp4") as video:
        found = [frame.index for frame, looked_at in looks(video, max_rate=rate) if looked_at]
    assert len(found) == pytest.approx(min(2 * rate, 60), abs=1) and found[-1] == 59
    assert expected is None or found[: len(expected)] == expected
    assert max(np.diff(found)) - min(np.diff(found[:-1])) <= 1


def test_a_variable_rate(made):
    with VideoReader(made / "variable_rate.mp4") as video:
        times = [frame.timestamp_ms for frame, looked_at in looks(video, max_rate=5) if looked_at]
    assert times[0] == 0 and len({ms // 200 for ms in times}) >= len(times) - 1


def test_a_gap_of_more_than_a_second_stays_empty_and_nothing_piles_up(made, lite, tmp_path):
    """Five frames a second, every 8th is looked at; some of them wait, and never more than a second's."""
    summary, document = run(made / "one_person.mp4", tmp_path, every=8)
    frames = document["frames"]
    assert [f["frame_index"] for f in frames] == list(range(65))
    assert all((f["pose_score"] == 0) is ("interpolated" in f) for f in frames)
    assert summary.frames_with_person == summary.looked_at == 9
    _, document = run(made / "one_person.mp4", tmp_path, every=LONGEST_MS // 200)
    assert all(f["pose_score"] > 0 for f in document["frames"])


def test_a_stretch_is_looked_at_from_its_first_frame_on(made, lite, tmp_path):
    """Else the looks are those of the whole video; so a sparse document begins where the stretch does."""
    stretch = {"every": 6, "start": 0.7, "end": 1.5}
    frames = run(made / "phone.mp4", tmp_path, **stretch, keep_time=True)[1]["frames"]
    assert [f["frame_index"] for f in frames] == list(range(21, 45)) and all(f["pose_score"] > 0 for f in frames)
    assert [f["frame_index"] for f in frames if "interpolated" not in f] == [21, 24, 30, 36, 42, 44]
    sparse = run(made / "phone.mp4", tmp_path, **stretch, sparse=True)[1]
    assert [f["frame_index"] for f in sparse["frames"]] == [0, 3, 9, 15, 21, 23]
    assert sparse["meta"]["source_start_ms"] == frames[0]["timestamp_ms"] == 700


def test_everyone_is_filled_in_by_id(made, tmp_path):
    _, document = run(made / "two_people.mp4", tmp_path, every=3, people=0, model="movenet-lightning")
    ids = [{person["track_id"] for person in frame["persons"]} for frame in document["frames"][6:]]
    assert ids == [{1, 2}] * 18 and sum("interpolated" in frame for frame in document["frames"]) == 15


def test_segments_with_people_are_filled_in_and_have_one_set_of_ids(made, tmp_path):
    options = replace(LITE, every=3, people=0, model="movenet-lightning")
    process_videos(str(made / "two_people.mp4"), tmp_path, options, segment_minutes=0.7 / 60, run=here)
    frames = json.loads((tmp_path / "two_people.json").read_text())["frames"]
    assert [frame["frame_index"] for frame in frames] == list(range(24))
    assert sum("interpolated" in frame for frame in frames) >= 13
    assert {person["track_id"] for frame in frames for person in frame["persons"]} == {1, 2}
    assert len(demux(tmp_path / "two_people.mp4")[0].times) == 24


def test_whoever_rewrites_a_document_keeps_the_mark(made, lite, tmp_path):
    run(made / "phone.mp4", tmp_path, every=3)
    before = json.loads((tmp_path / "a.json").read_text())["frames"]
    change_document(
        tmp_path / "a.json", tmp_path / "b.json", lambda meta, frames: (meta, [replace(f) for f in frames]), "x"
    )
    after = json.loads((tmp_path / "b.json").read_text())
    assert [f.get("interpolated") for f in after["frames"]] == [f.get("interpolated") for f in before]
    assert after["meta"]["every"] == 3


@pytest.mark.parametrize("sparse", [False, True])
def test_segments_of_a_batch_look_at_the_same_frames(made, lite, tmp_path, sparse):
    """But for the last one of each, which is looked at too."""
    options = replace(LITE, every=3, sparse=sparse, engine="openvino")
    source, found = made / "one_person.mp4", []
    for minutes in (None, 4 / 60):
        out = tmp_path / str(minutes)
        result = process_videos(str(source), out, options, segment_minutes=minutes, video=False, run=here)
        frames = json.loads((out / "one_person.json").read_text())["frames"]
        found.append({f["frame_index"] for f in frames if "interpolated" not in f})
        assert result.done[0].frames == 65 and (sparse or [f["frame_index"] for f in frames] == list(range(65)))
    assert found[0] == {*range(0, 65, 3), 64} and found[1] == found[0] | {16, 32, 48}


@pytest.mark.parametrize("wrong", [{"every": 0}, {"max_rate": 0.0}, {"every": 2, "max_rate": 5.0}])
def test_options_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=r"every|max rate"):
        Options(**wrong)
