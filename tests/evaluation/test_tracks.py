"""Who is who: made videos with known answers, and the true ids of real clips."""

import json

import numpy as np
import pytest

from posecore.evaluation import IdentityChange, TrueFrame, identity_changes, read_true_tracks, score_tracks
from posecore.pose import FramePose, Keypoints, Person

FRAMES = 20
NOWHERE = Keypoints(np.zeros((17, 2), np.float32), np.ones(17, np.float32))


def person(box, track):
    return Person(NOWHERE, 1.0, np.array(box, np.float32), track)


def box(who, index):
    """Two people who walk, 200 pixels apart."""
    left = 200.0 * who + index
    return left, 50.0, left + 40, 150.0


def truth(hidden=()):
    """Persons 1 and 2 in every frame; hidden: frames in which 2 is more than half hidden."""
    return {
        index: TrueFrame(
            np.array([1, 2]),
            np.array([box(1, index), box(2, index)], np.float32),
            np.array([True, index not in hidden]),
        )
        for index in range(FRAMES)
    }


def found(people_of):
    """people_of: index → pairs of who and track."""
    return [
        FramePose(index, 40 * index, tuple(person(box(who, index), track) for who, track in people_of(index)))
        for index in range(FRAMES)
    ]


def test_everybody_followed():
    score = score_tracks(found(lambda index: [(2, 7), (1, 9)]), truth())
    assert (score.true_boxes, score.found, score.changes) == (40, 40, 0)
    assert (score.recall, score.changes_per_100) == (1, 0)
    assert (score.idf1, score.hota) == pytest.approx((1, 1))


def test_swapped_at_half():
    """Each person's boxes are half of one track and half of the other: AssA is 10 / (10 + 10 + 10)."""
    swapped = found(lambda index: [(1, 1 + index // 10), (2, 2 - index // 10)])
    score = score_tracks(swapped, truth())
    assert identity_changes(swapped, truth()) == [IdentityChange(10, 1, 1, 2), IdentityChange(10, 2, 2, 1)]
    assert (score.recall, score.changes, score.changes_per_100) == (1, 2, 5)
    assert (score.idf1, score.hota) == pytest.approx((0.5, 3**-0.5))


def test_missed_for_half_of_the_time():
    score = score_tracks(found(lambda index: [(1, 1), (2, 2)][: 1 + index // 10]), truth())
    assert (score.recall, score.changes) == (0.75, 0)
    assert score.idf1 == pytest.approx(2 * 30 / (40 + 30))


def test_who_comes_back_with_another_id_has_changed_however_long_ago():
    score = score_tracks(found(lambda index: [] if 5 <= index < 15 else [(1, index // 10)]), truth())
    assert (score.found, score.changes) == (10, 1)


def test_the_hidden_need_no_pair_but_may_have_one():
    hidden = range(5, 10)
    away = score_tracks(found(lambda index: [(1, 1)] + [(2, 2)] * (index not in hidden)), truth(hidden))
    assert (away.true_boxes, away.recall, away.changes, away.idf1) == (35, 1, 0, 1)
    taken = score_tracks(found(lambda index: [(1, 1), (2, 3 if index in hidden else 2)]), truth(hidden))
    assert (taken.true_boxes, taken.recall, taken.changes) == (35, 1, 2)
    assert taken.idf1 == pytest.approx(35 / 40)


def test_more_people_than_are_labelled_are_no_error():
    everybody = [(1, 1), (2, 2)]
    assert score_tracks(found(lambda index: [*everybody, (3, index)]), truth()) == score_tracks(
        found(lambda index: everybody), truth()
    )


def test_a_pair_needs_an_iou_of_three_tenths():
    def beside(shift):
        frames = [FramePose(0, 0, (person(np.add(box(1, 0), (shift, 0, shift, 0)), 1),))]
        return score_tracks(frames, {0: truth()[0]}).found

    assert [beside(40 - overlap) for overlap in (18.4, 18.5)] == [0, 1]  # 18.46 of 40 pixels are an IoU of 0.3


def test_frames_that_are_not_there_are_missed():
    assert score_tracks(found(lambda index: [(1, 1), (2, 2)])[:5], truth()).recall == 0.25
    nobody = score_tracks([], truth())
    assert (nobody.found, nobody.changes, nobody.idf1, nobody.hota) == (0, 0, 0, 0)


def test_people_without_ids_are_refused():
    with pytest.raises(ValueError, match=r"no track_id.*--people all"):
        score_tracks(found(lambda index: [(1, None)]), truth())


@pytest.mark.parametrize(
    ("clip", "visible"), [("basketball", 40), ("bedroom", 31), ("pedestrians", 1005), ("store_aisle", 21)]
)
def test_true_ids_of_a_clip_are_true_and_mixed_up_are_not(people, clip, visible):
    true = read_true_tracks(people / f"{clip}.ids.json")

    def score(renamed):
        return score_tracks(
            [
                FramePose(
                    index,
                    index,
                    tuple(person(b, renamed(i, index)) for b, i in zip(frame.boxes, frame.ids.tolist(), strict=True)),
                )
                for index, frame in true.items()
            ],
            true,
        )

    right = score(lambda i, index: i)
    assert (right.true_boxes, right.found, right.changes) == (visible, visible, 0)
    assert (right.idf1, right.hota) == pytest.approx((1, 1))
    wrong = score(lambda i, index: 1000 * index + i)  # somebody new in every frame
    ids = np.concatenate([frame.ids for frame in true.values()])
    someone = len(set(ids.tolist()))
    assert wrong.recall == 1 and wrong.changes == len(ids) - someone
    assert wrong.idf1 == pytest.approx(someone / len(ids))


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "{}",
        '{"frames": {"one": []}}',
        '{"frames": {"0": [{"id": 1}]}}',
        '{"frames": {"0": [{"bbox": 1}]}}',
        '{"frames": {"0": [{"id": 1, "bbox": [0, 0, 1e40, 1]}]}}',
    ],
)
def test_other_files_are_refused_by_name(tmp_path, text):
    (tmp_path / "clip.ids.json").write_text(text)
    with pytest.raises(ValueError, match=r"clip\.ids\.json: "):
        read_true_tracks(tmp_path / "clip.ids.json")


def test_a_clip_without_visible_people_is_refused(tmp_path):
    frames = {"0": [{"id": 1, "bbox": [0, 0, 1, 1], "occluded": True}]}
    (tmp_path / "clip.ids.json").write_text(json.dumps({"frames": frames}))
    with pytest.raises(ValueError, match="nobody is visible"):
        read_true_tracks(tmp_path / "clip.ids.json")
