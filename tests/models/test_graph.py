"""The native graph on MediaPipe's own runtime gives MediaPipe's landmarks: nothing is left but rounding.

See bench/litert.py. The last bits of a coordinate may differ in a video, where the C++ compiler orders the filters.
"""

from itertools import chain, islice, pairwise

import cv2
import numpy as np
import pytest

from posecore.assets import fetch
from posecore.models import BlazePoseLandmarker, MediaPipeLandmarker
from posecore.video import VideoReader

litert = pytest.importorskip("litert", reason="needs ai-edge-litert: pip install -e .[test]", exc_type=ImportError)
pytestmark = pytest.mark.slow
ONE_BIT = 3e-7  # of the picture


@pytest.fixture(scope="module", autouse=True)
def same_kernels():
    """A grey picture in which everything is taken for a person: its landmarks are the network's and nothing else."""
    grey = np.full((64, 64, 3), 128, np.uint8)
    ours, theirs = (found[0][0] for found in both("lite", [(grey, 0)], mode="image", min_detection=0, min_presence=0))
    if not np.array_equal(ours.presence, theirs.presence):
        pytest.skip("on this processor LiteRT and MediaPipe choose different kernels")


def both(name, frames, **options):
    """The people of every frame, by the graph on LiteRT and by MediaPipe."""
    with litert.on_litert(), BlazePoseLandmarker(fetch(name), **options) as native:
        ours = [native.detect(*frame) for frame in frames]
    with MediaPipeLandmarker(fetch(name), **options) as reference:
        return ours, [reference.detect(*frame) for frame in frames]


def pairs(ours, theirs):
    """The people of all frames, one by one."""
    return list(zip(chain.from_iterable(ours), chain.from_iterable(theirs), strict=True))


def frames(path, start, stop, max_side=640):
    with VideoReader(path) as video:
        return [(frame.small(max_side), frame.timestamp_ms) for frame in islice(video, start, stop)]


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_single_pictures_to_the_last_bit(made, name):
    """Every tenth frame of a video, as if there were no other."""
    pictures = [(image, 0) for image, _ in frames(made / "one_person.mp4", 0, 65)[::10]]
    assert check_single_pictures(name, pictures) == len(pictures) == 7


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_single_pictures_of_coco_to_the_last_bit(coco, name):
    files = sorted((coco / "val2017").glob("*.jpg"))[:50]
    pictures = [(cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB), 0) for file in files]
    assert check_single_pictures(name, pictures) > 25


def check_single_pictures(name, pictures):
    """How many people are found in them by both."""
    ours, theirs = both(name, pictures, mode="image")
    assert [len(people) for people in ours] == [len(people) for people in theirs]
    for one, other in pairs(ours, theirs):
        np.testing.assert_array_equal(one.xyz, other.xyz)
        np.testing.assert_array_equal(one.visibility, other.visibility)
        np.testing.assert_array_equal(one.presence, other.presence)
    return len(pairs(ours, theirs))


def test_several_people_in_a_video_to_the_last_bit(made):
    check_several_people(made / "two_people.mp4")


def test_several_people_in_a_real_video_to_the_last_bit(videos):
    check_several_people(videos / "multi_person_demo.mp4")


def check_several_people(path):
    ours, theirs = both("lite", frames(path, 0, 20), num_poses=3)
    assert [len(people) for people in ours] == [len(people) for people in theirs] and len(ours[-1]) == 2
    for one, other in pairs(ours, theirs):
        np.testing.assert_array_equal(one.xyz, other.xyz)


def test_one_person_who_is_lost_and_found_again(demo):
    """Tracking and smoothing; at the beginning of the demo clip somebody is seen in every second frame only."""
    ours, theirs = both("lite", frames(demo, 0, 60))
    found = [bool(people) for people in ours]
    assert found == [bool(people) for people in theirs]
    assert sum(found) > 45 and sum(before and not after for before, after in pairwise(found)) >= 2
    for one, other in pairs(ours, theirs):
        np.testing.assert_allclose(one.xyz, other.xyz, rtol=0, atol=ONE_BIT)
        np.testing.assert_array_equal(one.visibility, other.visibility)


def test_a_video_of_few_frames_per_second(made):
    check_few_frames(made / "one_person.mp4")


def test_a_real_video_of_few_frames_per_second(videos):
    check_few_frames(videos / "pose_squats.mp4")


def check_few_frames(path):
    ours, theirs = both("full", frames(path, 0, 65))
    assert [len(people) for people in ours] == [1] * 65
    for one, other in pairs(ours, theirs):
        np.testing.assert_allclose(one.xyz, other.xyz, rtol=0, atol=ONE_BIT)
        np.testing.assert_array_equal(one.visibility, other.visibility)
