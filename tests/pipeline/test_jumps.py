import numpy as np
import pytest

from posecore import process_video
from posecore.cli.run import hints_at
from posecore.pipeline.jumps import Jumps
from posecore.pose import Keypoints


def standing(x: float, torso: float = 60) -> Keypoints:
    y = np.array([0, 0, 0, 0, 0, 20, 20, 40, 40, 50, 50, 20 + torso, 20 + torso, 100, 100, 140, 140], np.float32)
    return Keypoints(np.column_stack([np.full(17, x, np.float32), y]), np.ones(17, np.float32))


def count(*seen) -> int:
    jumps = Jumps()
    for x, timestamp_ms in seen:
        jumps.see(standing(x), timestamp_ms)
    return jumps.count


def test_a_jump_is_more_than_a_torso_between_two_frames():
    assert count((0, 0), (59, 33), (118, 66)) == 0
    assert count((0, 0), (61, 33), (120, 66), (0, 100)) == 2
    assert count((0, 0), (300, 600)) == 0, "in half a second anybody may have come"
    assert count((0, 0), (300, 400)) == 1, "the frames between had nobody"


@pytest.mark.slow
def test_the_summary_says_when_the_skeleton_went_to_another_person(demo, tmp_path):
    """In the demo clip it goes from one who jumps away to the other, and from her to the first when she is gone."""
    summary = process_video(demo, json=tmp_path / "demo.json")
    assert summary.jumps == 2
    assert "went 2 times to another place at once, --people all follows everyone" in hints_at(summary, True)


def test_nothing_is_said_of_one_who_walks(videos, tmp_path):
    summary = process_video(videos / "pose_squats.mp4", json=tmp_path / "squats.json")
    assert summary.jumps == 0 and hints_at(summary, True) == ""
