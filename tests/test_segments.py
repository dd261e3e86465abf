import numpy as np
import pytest

from posecore import segments
from posecore.document import read_document
from posecore.options import Options
from posecore.pipeline import process_video
from posecore.video import VideoReader


def keypoints(source, path, **options):
    process_video(source, None, path, Options(engine="openvino", model_complexity=0, **options))
    return read_document(path)[1]


def test_at_the_seams_it_is_nearly_what_one_run_gives(videos, tmp_path, monkeypatch):
    """65 frames of 720×1280 in 13 s, seams every two seconds: the frames in the second after each."""
    monkeypatch.setattr(segments, "SEGMENT_MS", 2000)
    monkeypatch.setattr(segments, "WARM_UP_MS", 2000)
    source = videos / "pose_squats.mp4"
    whole, parts = keypoints(source, tmp_path / "1.json"), keypoints(source, tmp_path / "3.json", jobs=3)
    assert [(frame.index, frame.timestamp_ms) for frame in parts] == [(f.index, f.timestamp_ms) for f in whole]
    distances = [
        np.linalg.norm(a.persons[0].xy - b.persons[0].xy, axis=1)
        for a, b in zip(whole, parts, strict=True)
        if a.timestamp_ms >= 2000 and a.timestamp_ms % 2000 < 1000
    ]
    print(f"at the seams {np.median(distances):.2f} px median over {len(distances)} frames")
    assert len(distances) == 30
    assert 0 < np.median(distances) < 1


def test_more_jobs_than_segments_change_nothing(videos, tmp_path):
    one, many = (keypoints(videos / "pose_squats.mp4", tmp_path / f"{jobs}.json", jobs=jobs) for jobs in (1, 5))
    assert [frame.timestamp_ms for frame in one] == [frame.timestamp_ms for frame in many]
    first = [frame for frame in one if frame.timestamp_ms < segments.SEGMENT_MS]
    for a, b in zip(first, many, strict=False):
        np.testing.assert_array_equal(a.persons[0].xy, b.persons[0].xy)


def test_a_video_that_cannot_be_cut_says_so(videos, tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_MS", 5000)
    since = VideoReader.since
    monkeypatch.setattr(VideoReader, "since", lambda self, start: iter(()) if start else since(self, start))
    with pytest.raises(ValueError, match=r"pose_squats\.mp4: cannot be cut at 5 s.*--jobs 1"):
        keypoints(videos / "pose_squats.mp4", tmp_path / "a.json", jobs=2)
    assert not list(tmp_path.iterdir())
