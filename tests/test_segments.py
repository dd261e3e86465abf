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


@pytest.mark.slow
def test_at_the_seams_it_is_nearly_what_one_run_gives(demo, tmp_path, monkeypatch):
    """Seams every two seconds, in pixels of the 1768×994 picture, in the second after each."""
    monkeypatch.setattr(segments, "SEGMENT_MS", 2000)
    whole, parts = keypoints(demo, tmp_path / "1.json"), keypoints(demo, tmp_path / "3.json", jobs=3)
    assert [frame.timestamp_ms for frame in parts] == [frame.timestamp_ms for frame in whole]
    assert [frame.index for frame in parts] == list(range(230))
    distances = [
        np.linalg.norm(a.persons[0].xy - b.persons[0].xy, axis=1)
        for a, b in zip(whole, parts, strict=True)
        if a.timestamp_ms >= 2000 and a.timestamp_ms % 2000 < 1000 and a.persons and b.persons
    ]
    print(f"at the seams {np.median(distances):.2f} px median over {len(distances)} frames")
    assert len(distances) > 60
    scale = 640 / 1768
    assert np.median(distances) * scale < 1


def test_more_jobs_than_segments_change_nothing(videos, tmp_path):
    one, many = (keypoints(videos / "pose_squats.mp4", tmp_path / f"{jobs}.json", jobs=jobs) for jobs in (1, 5))
    assert [frame.timestamp_ms for frame in one] == [frame.timestamp_ms for frame in many]
    first = [frame for frame in one if frame.timestamp_ms < segments.SEGMENT_MS]
    for a, b in zip(first, many, strict=False):
        np.testing.assert_array_equal(a.persons[0].xy, b.persons[0].xy)


def test_a_video_that_cannot_be_cut_says_so(videos, tmp_path, monkeypatch):
    monkeypatch.setattr(VideoReader, "between", lambda self, start, end: iter(()))
    with pytest.raises(ValueError, match=r"pose_squats\.mp4: cannot be cut at 0 s.*--jobs 1"):
        keypoints(videos / "pose_squats.mp4", tmp_path / "a.json", jobs=2)
    assert not list(tmp_path.iterdir())
