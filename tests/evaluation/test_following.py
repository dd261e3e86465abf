"""Everybody in a clip, and what each frame took."""

from itertools import islice

from posecore import VideoReader, open_estimator
from posecore.evaluation import follow


def test_each_frame_has_its_people_and_its_time(people):
    with VideoReader(people / "pedestrians.mp4") as video, open_estimator(model="movenet-lightning", num_poses=0) as e:
        found, milliseconds = follow(islice(video, 4), e)
    assert [frame.index for frame in found] == [0, 1, 2, 3]
    assert [frame.timestamp_ms for frame in found] == [0, 100, 200, 300]
    assert {person.track_id for frame in found for person in frame.persons} >= {1, 2, 3}
    assert milliseconds.shape == (4,) and (milliseconds > 0).all()
