"""Instance scores compared: the fast AP is COCO's, the halves are kept apart."""

import numpy as np
import pytest
from people import dataset, person, result

from posecore.evaluation.instance_score import INSTANCE_SCORES
from posecore.evaluation.oks import evaluate
from posecore.evaluation.ranking import (
    FITTED,
    RankedPoses,
    average_precision,
    choose,
    compare,
    fitted_score,
    score_poses,
)
from posecore.pose import Keypoints, Landmarks, Person


def ranked(n=120, seed=0):
    """Made poses on n pictures, 1/6 missed, whose OKS the features tell with some noise."""
    rng = np.random.default_rng(seed)
    similarity = rng.random(n)
    similarity[::6] = np.nan
    features = similarity[:, None] + rng.normal(0, 0.3, (n, 34))
    scores = {name: np.where(np.isnan(similarity), np.nan, rng.random(n)) for name in INSTANCE_SCORES}
    scores["mean-visibility"] = similarity + rng.normal(0, 0.05, n)
    return RankedPoses(np.arange(1, n + 1), similarity, scores, features)


@pytest.mark.parametrize("seed", range(5))
def test_the_fast_ap_is_cocos(seed):
    """A pose is someone's labels, shifted; its OKS falls with the shift."""
    rng = np.random.default_rng(seed)
    people = [person(i, id=i, size=rng.uniform(40, 200)) for i in range(1, 41)]
    found = [result(p, score=round(rng.random(), 2), shift=rng.exponential(8)) for p in people if rng.random() < 0.8]
    truth = dataset(*people, images=range(1, 41))
    scored = {r["image_id"]: evaluate(truth, [r], [r["image_id"]]).stats["AP"] for r in found}
    assert 0 < np.mean(list(scored.values())) < 1  # of middling difficulty
    poses = {p["image_id"]: [] for p in people}
    for r in found:
        xy = np.reshape(r["keypoints"], (17, 3))[:, :2]
        landmarks = Landmarks(np.zeros((33, 3)), np.full(33, r["score"]), np.full(33, r["score"]))
        poses[r["image_id"]].append(Person.around(Keypoints(xy, np.full(17, r["score"])), landmarks=landmarks))
    fast = score_poses(truth, poses)
    assert fast.scores["mean-max"] == pytest.approx(fast.scores["rms-visibility"], nan_ok=True)
    expected = evaluate(truth, found).stats["AP"]
    assert average_precision(fast.oks, fast.scores["mean-max"]) == pytest.approx(expected, abs=1e-9)


def test_nobody_found():
    assert average_precision(np.full(3, np.nan), np.full(3, np.nan)) == 0


def test_a_fit_sees_the_choosing_half_only():
    poses = ranked()
    half = poses.image_id % 2 == 0
    before = fitted_score(poses, half)
    poses.oks[~half] = np.nan_to_num(1 - poses.oks[~half], nan=0.5)
    assert np.array_equal(fitted_score(poses, half), before, equal_nan=True)


def test_no_pose_tells_of_itself():
    poses = ranked()
    half = poses.image_id % 2 == 0
    before = fitted_score(poses, half)
    mine = int(np.flatnonzero(half & ~np.isnan(poses.oks))[7])
    poses.oks[mine] = 1 - poses.oks[mine]
    after = fitted_score(poses, half)
    assert after[mine] == before[mine] and not np.array_equal(after, before, equal_nan=True)


def test_the_better_score_is_chosen():
    table = compare({"one": ranked(seed=0), "two": ranked(seed=1)})
    assert table["images"] == {"choose": 60, "report": 60}
    assert table["best"] in ("mean-visibility", FITTED)
    assert table["chosen"] == "mean-visibility"
    assert table["choose"][table["best"]]["behind_best"] == 0
    for half in ("choose", "report"):
        assert set(table[half]) == {*INSTANCE_SCORES, FITTED}
        assert table[half]["mean-visibility"]["mean"] > table[half]["mean-max"]["mean"]


def test_the_one_standard_error_rule():
    rows = {name: {"behind_best": 0.1, "standard_error": 0.01} for name in (*INSTANCE_SCORES, FITTED)}
    rows[FITTED] = {"behind_best": 0.0, "standard_error": 0.0}
    assert choose(rows) == FITTED
    rows["rms-visibility"] = {"behind_best": 0.009, "standard_error": 0.01}
    assert choose(rows) == "rms-visibility"
    rows["mean-max"] = {"behind_best": 0.011, "standard_error": 0.01}
    assert choose(rows) == "rms-visibility"
