"""Ids that are words, and people from numbers."""

import numpy as np
import pytest

from posecore.formats.people import ids_of, labels, person_of


@pytest.mark.parametrize(
    ("words", "ids", "names"),
    [
        (["person_3", "person_7"], [3, 7], {}),
        (["track_0", "track_1"], [0, 1], {}),
        (["12"], [12], {}),
        (["Anna", "person_1", "Berta"], [2, 1, 3], {"2": "Anna", "3": "Berta"}),
        (["track_1", "person_1"], [1, 2], {"1": "track_1", "2": "person_1"}),  # two people
        (["person"], [None], {}),
        ([], [], {}),
    ],
)
def test_words_become_ids(words, ids, names):
    assert ids_of(words) == (ids, names)


def test_labels_are_words_that_become_the_ids_again():
    assert labels([3, 12, None], {}) == ["person_3", "person_12", "person"]
    assert ids_of(labels([3, 12, None], {}))[0] == [3, 12, None]


def test_what_is_not_finite_or_has_no_score_was_not_found():
    values = np.tile([10.0, 20.0, 1.5], (17, 1))
    values[0], values[1], values[2] = [np.nan, 1, 1], [5, 5, 0], [1, 1, np.nan]
    person = person_of(values, 4)
    assert person is not None and person.track_id == 4 and person.box.tolist() == [10, 20, 10, 20]
    assert not person.keypoints.xy[:3].any() and person.keypoints.score.tolist() == [0] * 3 + [1] * 14
    assert person_of(np.zeros((17, 3))) is None
    with pytest.raises(ValueError, match=r"expected \(17, 3\)"):
        person_of(np.zeros((18, 3)))
