"""From frames to frames: everyone calmer, who was missing for a moment there and marked."""

from dataclasses import replace

import numpy as np
import pytest
from golden import pose_1

from posecore.options import Smoothing
from posecore.pose import FramePose, Keypoints, Landmarks, Person
from posecore.tracking import smooth_frames, smooth_points

SIZE = 576, 576


@pytest.fixture
def xy(videos):
    return pose_1(videos)


def person(xy, track=None, score=0.9):
    keypoints = Keypoints(xy.astype(np.float32), np.full(17, score, np.float32))
    return replace(Person.around(keypoints), track_id=track)


def video(*tracks, ids=(None,)):
    """A frame each 33 ms with who is there: tracks of (n, 17, 2), NaN where somebody is not."""
    return [
        FramePose(
            n, round(1000 * n / 30), tuple(person(xy, i) for xy, i in zip(there, ids, strict=True) if xy[0, 0] > 0)
        )
        for n, there in enumerate(zip(*tracks, strict=True))
    ]


def found(frames, track=None):
    """(n, 17, 2) of a track, NaN where it is not."""
    places = [[one.keypoints.xy for one in frame.persons if one.track_id == track] for frame in frames]
    return np.array([place[0] if place else np.full((17, 2), np.nan) for place in places])


def marks(frames, track=None):
    """(n,): how many keypoints are marked."""
    return [sum(0 if p.keypoints.filled is None else p.keypoints.filled.sum() for p in f.persons if p.track_id == track)
            for f in frames]  # fmt: skip


def test_noise_goes_and_the_motion_stays(xy):
    noisy = xy + np.random.default_rng(0).normal(0, 3, xy.shape)
    frames, done = smooth_frames(video(noisy), Smoothing(), SIZE)
    error = [np.sqrt(np.mean((places - xy) ** 2)) for places in (noisy, found(frames))]
    assert error[1] < 0.7 * error[0]
    assert (done.tracks, done.keypoints, done.missing, done.jumps, done.filled) == (1, 120 * 17, 0, 0, 0)
    for frame in frames:
        (one,) = frame.persons
        np.testing.assert_array_equal(one.box, Person.around(one.keypoints).box)


def test_who_is_missing_for_a_moment_is_put_in_and_marked(xy):
    gone = xy.copy()
    gone[40:44] = gone[80:90] = np.nan
    before = video(gone)
    before[44] = replace(before[44], persons=(person(xy[44], score=0.4),))
    frames, done = smooth_frames(before, Smoothing(), SIZE)
    assert [len(frame.persons) for frame in frames] == [1] * 80 + [0] * 10 + [1] * 30
    assert marks(frames) == [0] * 40 + [17] * 4 + [0] * 76
    for frame in frames[40:44]:
        assert (
            frame.persons[0].score == pytest.approx(0.4) and (frame.persons[0].keypoints.score == np.float32(0.4)).all()
        )
        np.testing.assert_array_equal(frame.persons[0].box, Person.around(frame.persons[0].keypoints).box)
    assert np.linalg.norm(found(frames)[40:44] - xy[40:44], axis=-1).max() < 6
    assert str(done) == "0 jumps taken out, 68 keypoints filled, of 2040 238 missing before and 170 after"
    again, _ = smooth_frames(frames, Smoothing(), SIZE)
    assert marks(again) == marks(frames)


def test_a_keypoint_that_is_missing_or_jumps_is_filled_alone(xy):
    places, before = xy.copy(), []
    places[60, 9] += 90
    for frame in video(places):
        (one,) = frame.persons
        if 30 <= frame.index < 33 or 90 <= frame.index < 110:
            score = one.keypoints.score.copy()
            score[10] = 0
            one = replace(one, keypoints=replace(one.keypoints, score=score))
        before.append(replace(frame, persons=(one,)))
    frames, done = smooth_frames(before, Smoothing("none"), SIZE)
    assert (done.missing, done.jumps, done.filled) == (23, 1, 4)
    changed = [n for n in range(120) if frames[n] is not before[n]]
    assert changed == [30, 31, 32, 60]
    assert np.flatnonzero(frames[60].persons[0].keypoints.filled).tolist() == [9]
    assert np.linalg.norm(found(frames)[60, 9] - xy[60, 9]) < 3
    assert frames[31].persons[0].keypoints.score[10] == np.float32(0.9)
    assert frames[100].persons[0].keypoints.score[10] == 0


def test_everyone_is_smoothed_alone_and_keeps_the_place_in_the_list(xy):
    other = xy[::-1] + 150
    one, two = xy.copy(), other.copy()
    one[50:53] = two[52:55] = np.nan
    frames, done = smooth_frames(video(one, two, ids=(4, 7)), Smoothing(), SIZE)
    assert all([p.track_id for p in frame.persons] == [4, 7] for frame in frames)
    assert marks(frames, 4)[50:55] == [17, 17, 17, 0, 0] and marks(frames, 7)[50:55] == [0, 0, 17, 17, 17]
    alone, _ = smooth_frames(video(two, ids=(7,)), Smoothing(), SIZE)
    np.testing.assert_array_equal(found(frames, 7), found(alone, 7))
    assert (done.tracks, done.filled) == (2, 6 * 17)


def test_a_skeleton_that_goes_to_another_person_is_not_smoothed_over(xy):
    """As the demo clip's does; nothing is filled in between either."""
    places = xy.copy()
    places[60:] += 300
    places[58:60] = np.nan
    frames, _ = smooth_frames(video(places), Smoothing(), SIZE)
    assert not any(marks(frames)) and not frames[58].persons
    parts = [smooth_frames(video(part), Smoothing(), SIZE)[0] for part in (places[:58], places[60:])]
    np.testing.assert_allclose(found(frames)[:58], found(parts[0]), atol=1e-3)
    np.testing.assert_allclose(found(frames)[60:], found(parts[1]), atol=1e-3)


def test_landmarks_follow(xy):
    """33 of them, which are the keypoints and others of them again, in fractions of the picture and in metres."""
    which = [*range(17), *range(16)]
    rng, before = np.random.default_rng(0), []
    for frame in video(xy + rng.normal(0, 2, xy.shape)):
        (one,) = frame.persons
        points = np.concatenate([one.keypoints.xy[which], one.keypoints.xy[which, :1]], axis=1)
        sure = np.full(33, 0.9, np.float32)
        landmarks = Landmarks(points / np.float32(576), sure, sure, 0.5, None, points / np.float32(250))
        persons = () if 50 <= frame.index < 53 else (replace(one, landmarks=landmarks),)
        before.append(replace(frame, persons=persons))
    frames, _ = smooth_frames(before, Smoothing(), SIZE)
    for frame in frames:
        (one,) = frame.persons
        np.testing.assert_allclose(one.landmarks.xyz[:17, :2] * 576, one.keypoints.xy, atol=0.01)
        np.testing.assert_allclose(one.landmarks.xyz[17:, 2] * 576, one.keypoints.xy[:16, 0], atol=0.01)
        np.testing.assert_allclose(one.landmarks.world[:17, :2] * 250, one.keypoints.xy, atol=0.5)


def test_arrays_alone(xy):
    """What a notebook calls."""
    times = np.arange(120) / 30
    gone = xy.copy()
    gone[50:53] = np.nan
    paths = smooth_points(times, gone, np.where(np.isnan(gone[..., 0]), 0, 1.0), Smoothing("savgol"))
    assert paths.filled.sum() == 3 * 17 and paths.jumps == 0 and (paths.score == 1).all()
    assert np.linalg.norm(paths.points - xy, axis=-1).max() < 8


def test_what_cannot_be_smoothed_is_refused(xy):
    with pytest.raises(
        ValueError, match=r"6 Hz needs more than 12 frames/s, and there are 10; give a --cutoff below 5"
    ):
        smooth_frames([replace(frame, timestamp_ms=100 * frame.index) for frame in video(xy)], Smoothing(), SIZE)
    with pytest.raises(ValueError, match=r"it has no frames"):
        smooth_frames([], Smoothing(), SIZE)
    with pytest.raises(ValueError, match=r"frame 0 has two people without a track_id"):
        smooth_frames(video(xy, xy, ids=(None, None)), Smoothing(), SIZE)
    with pytest.raises(ValueError, match=r"frame 0 has two people with track_id 3"):
        smooth_frames(video(xy, xy, ids=(3, 3)), Smoothing(), SIZE)
    with pytest.raises(ValueError, match=r"the timestamp_ms of frame 7 is before"):
        frames = video(xy)
        smooth_frames([*frames[:7], replace(frames[7], timestamp_ms=1), *frames[8:]], Smoothing(), SIZE)


def test_few_frames_and_frames_of_one_millisecond(xy):
    for frames in (video(xy[:1]), video(np.full((3, 17, 2), np.nan))):
        same, done = smooth_frames(frames, Smoothing(), SIZE)
        assert same == frames and done.filled == 0
    frames = [replace(frame, timestamp_ms=max(0, frame.timestamp_ms - 33 * (frame.index == 1))) for frame in video(xy)]
    smooth, _ = smooth_frames(frames, Smoothing(), SIZE)
    assert np.isfinite(found(smooth)).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("kalman",), "method must be one of butterworth, one-euro, savgol, median, none, got kalman"),
        (("none", 6.0), "method none has no cut-off"),
        (("median", 0.0), "cut-off must be more than 0 Hz, got 0"),
        (("median", None, -1.0), "max gap must be 0 or more seconds, got -1"),
    ],
)
def test_options_out_of_range(words, message):
    with pytest.raises(ValueError, match=message):
        Smoothing(*words)
