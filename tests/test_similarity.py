"""How alike poses and boxes are: the formula, and what holds of every pair."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from properties import boxes, keypoints, numbers, people, scores

from posecore.coco import OKS_SIGMAS
from posecore.evaluation.oks import oks
from posecore.models.person_finder import suppress as suppress_boxes
from posecore.pose import Person
from posecore.similarity import covered, inside, iou, same_people, similarities, similarity, suppress

areas = st.floats(1, 1e6)


def formula(pose, truth, area):
    """COCO's, keypoint by keypoint; truth: (17, 3) with labels, of which one is more than 0."""
    found = [
        np.exp(-((pose[k] - truth[k, :2]) ** 2).sum() / (2 * area * (2 * OKS_SIGMAS[k]) ** 2))
        for k in range(17)
        if truth[k, 2] > 0
    ]
    return sum(found) / len(found)


@st.composite
def labelled(draw):
    """(17, 3): places, and labels 0, 1 or 2."""
    label = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=17, max_size=17).filter(any))
    return np.column_stack([draw(numbers(17, 2)), label]).astype(float)


@given(labelled(), st.data(), areas)
def test_oks_is_the_formula(truth, data, area):
    pose = truth[:, :2] + data.draw(numbers(17, 2, low=-200, high=200))
    found = oks(pose, truth, area)
    assert found == pytest.approx(formula(pose, truth, area), abs=1e-9) and 0 <= found <= 1
    assert oks(truth[:, :2], truth, area) == pytest.approx(1)


@given(labelled(), st.data(), areas, st.floats(0.1, 10), numbers(2))
def test_oks_knows_no_place_and_no_scale(truth, data, area, scale, step):
    pose = truth[:, :2] + data.draw(numbers(17, 2, low=-200, high=200))
    moved = np.column_stack([truth[:, :2] * scale + step, truth[:, 2]])
    assert oks(pose * scale + step, moved, area * scale**2) == pytest.approx(oks(pose, truth, area), abs=1e-6)


@given(labelled(), st.data(), areas)
def test_oks_is_less_further_away_and_knows_nothing_of_what_is_not_labelled(truth, data, area):
    away = data.draw(numbers(17, 2, low=-200, high=200)).astype(float)
    assert oks(truth[:, :2] + 2 * away, truth, area) <= oks(truth[:, :2] + away, truth, area) + 1e-12
    away[truth[:, 2] == 0] += 1000
    where = truth.copy()
    where[truth[:, 2] == 0, :2] = 0
    assert oks(truth[:, :2] + away, truth, area) == pytest.approx(oks(truth[:, :2] + away, where, area))


@given(people(), people(), areas)
def test_similarity_is_oks_of_two_poses(one, other, area):
    truth = np.column_stack([other.keypoints.xy, np.full(17, 2)])
    assert similarity(one, other, area) == pytest.approx(oks(one.keypoints.xy, truth, area), abs=1e-5)
    assert similarity(one, other, area) == similarity(other, one, area)
    places = np.stack([other.keypoints.xy, one.keypoints.xy])
    assert similarities(places[1:], places, np.full((1, 2), area))[0] == pytest.approx(
        [similarity(one, other, area), 1], abs=1e-6
    )


crowd = st.lists(people(), max_size=4)


@given(crowd, crowd)
def test_everybody_is_the_same_as_one_other_at_most(ones, twos):
    pairs = list(same_people(ones, twos))
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)
    assert [pair[2] for pair in pairs] == sorted((pair[2] for pair in pairs), reverse=True)
    assert {(a, a) for a in range(len(ones))} == {(a, b) for a, b, _ in same_people(ones, ones)} or has_twins(ones)


def has_twins(persons):
    return any(np.array_equal(a.keypoints.xy, b.keypoints.xy) for n, a in enumerate(persons) for b in persons[:n])


@given(st.lists(st.tuples(keypoints(), scores), max_size=5), st.floats(0.1, 0.9), st.floats(1e4, 1e7))
def test_of_similar_poses_the_surest_stays(found, limit, area):
    persons = [Person.around(points, score) for points, score in found]
    kept = suppress(persons, [area] * len(persons), limit)
    assert [person.score for person in kept] == sorted((person.score for person in kept), reverse=True)
    for n, person in enumerate(kept):
        assert all(similarity(person, other, area) <= limit for other in kept[:n])
    for person in persons:
        surer = [other for other in kept if other.score >= person.score]
        assert any(person is other or similarity(person, other, area) > limit for other in surer)
    assert suppress(kept, [area] * len(kept), limit) == kept


@given(boxes())
def test_overlap_of_boxes(found):
    with np.errstate(divide="raise", invalid="raise"):
        table = np.array([iou(found, box) for box in found])
    np.testing.assert_allclose(table, table.T, atol=1e-6)
    assert ((table >= 0) & (table <= 1 + 1e-5)).all()
    large = (found[:, 2:] - found[:, :2]).min(axis=1) > 1
    np.testing.assert_allclose(np.diag(table)[large], 1, atol=1e-4)


@given(boxes(), st.data(), st.floats(0.1, 0.9))
def test_of_boxes_over_each_other_the_surest_stays(found, data, overlap):
    sure = data.draw(numbers(len(found), low=0, high=1))
    kept = suppress_boxes(found, sure, overlap)
    assert len(set(kept)) == len(kept) and sure[kept].tolist() == sorted(sure[kept].tolist(), reverse=True)
    for n, one in enumerate(kept):
        assert (iou(found[kept[:n]], found[one]) <= overlap + 1e-6).all()
    for one in set(range(len(found))) - set(kept):
        surer = [other for other in kept if sure[other] >= sure[one]]
        assert (iou(found[surer], found[one]) > overlap - 1e-6).any()


def test_boxes_without_extent_overlap_nothing():
    point = np.array([5, 5, 5, 5], np.float32)
    with np.errstate(divide="raise", invalid="raise"):
        assert iou(np.stack([point, np.array([0, 0, 10, 10], np.float32)]), point).tolist() == [0, 0]
    assert suppress([], [], 0.5) == []


@pytest.mark.parametrize(("others", "share"), [([], 0), ([[0, 0, 5, 10]], 0.5), ([[0, 0, 5, 10], [5, 0, 9, 10]], 0.9)])
def test_how_much_of_a_box_others_cover(others, share):
    boxes = np.array(others, np.float32).reshape(-1, 4)
    box = np.array([0, 0, 10, 10], np.float32)
    assert covered(box, boxes) == covered(box, np.repeat(boxes, 2, axis=0)) == pytest.approx(share)
    assert sum(inside(box, other) for other in boxes) == pytest.approx(share)  # they do not overlap
