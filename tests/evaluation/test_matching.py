"""Who was found, and what is measured on such matches."""

import numpy as np
import pytest
from people import crowd, dataset, person, read, result

from posecore.evaluation.matching import distances, keypoint_oks, match, offsets, pck, torso


def test_keypoint_oks_is_the_oks_in_parts():
    truth, found = crowd()
    matches = match(truth, found, [image["id"] for image in truth["images"]])
    assert 50 < matches.paired.sum() < len(matches.oks) and np.ptp(matches.oks[matches.paired]) > 0.5
    parts = np.nanmean(keypoint_oks(matches), axis=1)
    assert parts[matches.paired] == pytest.approx(matches.oks[matches.paired], abs=1e-12)


def test_keypoint_oks_is_the_oks_in_parts_on_a_real_picture(oks_cases):
    truth = read(oks_cases, "one_image_gt.json")
    matches = match(truth, read(oks_cases, "one_image_results.json"), [image["id"] for image in truth["images"]])
    assert len(matches.oks) == 11 and matches.paired.all()
    assert np.nanmean(keypoint_oks(matches), axis=1) == pytest.approx(matches.oks, abs=1e-12)


def test_pairs_take_the_best_and_leave_the_missed():
    near, far, nobody = person(x=0), person(x=300), person(image_id=2)
    truth = dataset(near, far, nobody, images=(1, 2))
    matches = match(truth, [result(far, 0.2), result(near, 0.9, shift=5), result(near, 0.8, shift=60)], [1, 2])
    assert matches.paired.tolist() == [True, True, False]
    assert matches.oks[1] == pytest.approx(1) and 0.5 < matches.oks[0] < 1 and matches.oks[2] == 0
    assert sorted(zip(matches.pose_score, matches.pose_oks > 0, strict=True)) == [
        (0.2, True),
        (0.8, False),
        (0.9, True),
    ]
    assert np.nanmedian(offsets(matches)[0], axis=0) == pytest.approx([0.05, 0])
    assert (keypoint_oks(matches)[2] == 0).all() and np.isinf(distances(matches)[2]).all()


def test_a_pose_that_is_far_off_is_still_the_only_persons_pose():
    someone = person()
    matches = match(dataset(someone), [result(someone, shift=4000)], [1])
    assert matches.paired.all() and matches.oks[0] == pytest.approx(0)
    assert distances(matches)[0] == pytest.approx(4000)


def test_only_the_images_asked_for_take_part():
    people = [person(1), person(2)]
    matches = match(dataset(*people, images=(1, 2)), [result(someone) for someone in people], [2])
    assert matches.image_id.tolist() == [2] and len(matches.pose_score) == 1


@pytest.mark.parametrize("ignored", [person(iscrowd=1), person(v=0)])
def test_poses_on_people_who_do_not_count_are_left_out(ignored):
    matches = match(dataset(ignored), [result(ignored)], [1])
    assert len(matches.oks) == len(matches.pose_score) == 0
    assert matches.xy.shape == (0, 17, 2) and matches.truth.shape == (0, 17, 3)


def test_what_is_not_labelled_is_not_measured():
    someone = person()
    someone["keypoints"][2::3] = [1, 2] + [0] * 15
    matches = match(dataset(someone), [result(someone, shift=1)], [1])
    for measured in (distances(matches), keypoint_oks(matches), offsets(matches)[:, :, 0], pck(matches, 1, np.ones(1))):
        assert np.isfinite(measured[0]).tolist() == [True] * 2 + [False] * 15
    assert np.isnan(torso(matches)).all()


def test_offsets_are_signed_and_grow_with_a_smaller_person():
    small, large = person(1, size=50), person(2, size=200)
    found = [result(small, shift=-10), result(large, shift=-10)]
    matches = match(dataset(small, large, images=(1, 2)), found, [1, 2])
    assert np.nanmedian(offsets(matches), axis=1) == pytest.approx(np.array([[-0.2, 0], [-0.05, 0]]))


def test_pck_and_torso():
    someone = person()
    matches = match(dataset(someone), [result(someone, shift=8)], [1])
    steps = np.linspace(0, 100, 17)
    length = np.sqrt(2) * (steps[[11, 12]].mean() - steps[[5, 6]].mean())
    assert torso(matches)[0] == pytest.approx(length)
    assert (pck(matches, 0.2, torso(matches)) == 1).all() and (pck(matches, 0.1, torso(matches)) == 0).all()
    assert np.isnan(pck(matches, 0.2, np.array([np.nan]))).all()


def test_pck_counts_the_missed_as_wrong():
    matches = match(dataset(person()), [], [1])
    assert not matches.paired.any() and (pck(matches, 0.2, torso(matches)) == 0).all()
