"""What kind of error each keypoint is."""

import numpy as np
import pytest
from people import crowd, dataset, person, result

from posecore.coco import KEYPOINT_NAMES
from posecore.evaluation.errors import KINDS, error_kinds, overlaps
from posecore.evaluation.matching import keypoint_oks, match

K = {name: number for number, name in enumerate(KEYPOINT_NAMES)}


def test_each_kind():
    """Two people whose keypoints lie 100 pixels apart, with σ√area below 4 pixels; the second has no pose."""
    one, other = (person(x=x, size=1600, area=1000, id=number) for number, x in enumerate((0, 50), 1))
    one["keypoints"][3 * K["right_ankle"] + 2] = 0
    label, label_of_other = (np.reshape(p["keypoints"], (17, 3))[:, :2] for p in (one, other))
    xy = label.copy()
    xy[K["nose"]] += (1.5, 0)
    xy[K["left_elbow"]] = label[K["right_elbow"]]
    xy[K["left_wrist"]] = label_of_other[K["right_wrist"]]
    xy[K["left_hip"]] = label_of_other[K["left_hip"]]
    xy[K["left_knee"]] += (30, 30)
    found = result(one) | {"keypoints": np.column_stack([xy, np.ones(17)]).ravel().tolist()}
    kinds = error_kinds(match(dataset(one, other), [found], [1]))
    expected = dict.fromkeys(KEYPOINT_NAMES, "good") | {
        "nose": "jitter", "left_elbow": "inversion", "left_wrist": "swap", "left_hip": "swap", "left_knee": "miss"
    }  # fmt: skip
    expected["right_ankle"] = None
    assert {name: KINDS[kinds[0, k]] if kinds[0, k] >= 0 else None for name, k in K.items()} == expected
    assert (kinds[1] == KINDS.index("no pose")).all()


def test_they_are_those_of_oks():
    truth, found = crowd()
    matches = match(truth, found, [image["id"] for image in truth["images"]])
    kinds, similarity = error_kinds(matches), keypoint_oks(matches)
    assert {KINDS[kind] for kind in np.unique(kinds) if kind >= 0} >= {"good", "jitter", "miss", "no pose"}
    assert ((kinds == -1) == np.isnan(similarity)).all()
    assert ((kinds == KINDS.index("good")) == (similarity >= 0.85)).all()
    assert (similarity[kinds >= KINDS.index("inversion")] < 0.5).all()


def test_overlaps_are_those_with_others_in_the_picture():
    people = [person(x=x, size=100, id=x + 1) for x in (0, 50, 60, 300)]
    alone = person(2, size=100, id=9)
    found = overlaps(match(dataset(*people, alone, images=(1, 2)), [], [1, 2]))
    assert found == pytest.approx([50 / 150, 90 / 110, 90 / 110, 0, 0])
