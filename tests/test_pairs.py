"""Who was found, and what is measured on such pairs."""

import numpy as np
import pytest
from people import dataset, person, read, result

from posecore.pairs import distances, keypoint_oks, offsets, pair, pck, torso


def test_keypoint_oks_is_the_oks_in_parts(data):
    truth = read(data, "one_image_gt.json")
    pairs = pair(truth, read(data, "one_image_results.json"), [image["id"] for image in truth["images"]])
    assert len(pairs.oks) == 11 and pairs.paired.all()
    assert np.nanmean(keypoint_oks(pairs), axis=1) == pytest.approx(pairs.oks, abs=1e-12)


def test_pairs_take_the_best_and_leave_the_missed():
    near, far, nobody = person(x=0), person(x=300), person(image_id=2)
    truth = dataset(near, far, nobody, images=(1, 2))
    pairs = pair(truth, [result(far, 0.2), result(near, 0.9, shift=5), result(near, 0.8, shift=60)], [1, 2])
    assert pairs.paired.tolist() == [True, True, False]
    assert pairs.oks[1] == pytest.approx(1) and 0.5 < pairs.oks[0] < 1 and pairs.oks[2] == 0
    assert sorted(zip(pairs.pose_score, pairs.pose_oks > 0, strict=True)) == [(0.2, True), (0.8, False), (0.9, True)]
    assert np.nanmedian(offsets(pairs)[0], axis=0) == pytest.approx([0.05, 0])
    assert (keypoint_oks(pairs)[2] == 0).all() and np.isinf(distances(pairs)[2]).all()


def test_a_pose_that_is_far_off_is_still_the_only_persons_pose():
    someone = person()
    pairs = pair(dataset(someone), [result(someone, shift=4000)], [1])
    assert pairs.paired.all() and pairs.oks[0] == pytest.approx(0)
    assert distances(pairs)[0] == pytest.approx(4000)


def test_only_the_images_asked_for_take_part():
    people = [person(1), person(2)]
    pairs = pair(dataset(*people, images=(1, 2)), [result(someone) for someone in people], [2])
    assert pairs.image_id.tolist() == [2] and len(pairs.pose_score) == 1


@pytest.mark.parametrize("ignored", [person(iscrowd=1), person(v=0)])
def test_poses_on_people_who_do_not_count_are_left_out(ignored):
    pairs = pair(dataset(ignored), [result(ignored)], [1])
    assert len(pairs.oks) == len(pairs.pose_score) == 0
    assert pairs.xy.shape == (0, 17, 2) and pairs.truth.shape == (0, 17, 3)


def test_what_is_not_labelled_is_not_measured():
    someone = person()
    someone["keypoints"][2::3] = [1, 2] + [0] * 15
    pairs = pair(dataset(someone), [result(someone, shift=1)], [1])
    for measured in (distances(pairs), keypoint_oks(pairs), offsets(pairs)[:, :, 0], pck(pairs, 1, np.ones(1))):
        assert np.isfinite(measured[0]).tolist() == [True] * 2 + [False] * 15
    assert np.isnan(torso(pairs)).all()


def test_offsets_are_signed_and_grow_with_a_smaller_person():
    small, large = person(1, size=50), person(2, size=200)
    found = [result(small, shift=-10), result(large, shift=-10)]
    pairs = pair(dataset(small, large, images=(1, 2)), found, [1, 2])
    assert np.nanmedian(offsets(pairs), axis=1) == pytest.approx(np.array([[-0.2, 0], [-0.05, 0]]))


def test_pck_and_torso():
    someone = person()
    pairs = pair(dataset(someone), [result(someone, shift=8)], [1])
    steps = np.linspace(0, 100, 17)
    length = np.sqrt(2) * (steps[[11, 12]].mean() - steps[[5, 6]].mean())
    assert torso(pairs)[0] == pytest.approx(length)
    assert (pck(pairs, 0.2, torso(pairs)) == 1).all() and (pck(pairs, 0.1, torso(pairs)) == 0).all()
    assert np.isnan(pck(pairs, 0.2, np.array([np.nan]))).all()


def test_pck_counts_the_missed_as_wrong():
    pairs = pair(dataset(person()), [], [1])
    assert not pairs.paired.any() and (pck(pairs, 0.2, torso(pairs)) == 0).all()
