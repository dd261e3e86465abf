"""What trials come to, and what is advised; the figure's places."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from standing import frames, person

from posecore.comparison import Candidate, Piece, Trial, compare_settings, comparison as module, find_candidates
from posecore.comparison.candidate import strongest
from posecore.comparison.scatter import HEIGHT, WIDTH, make_scatter
from posecore.options import DEFAULTS, Options

COUNT = 40
# By name: AP, milliseconds, pixels that its people stand beside the strongest one's, frames in which it sees nobody.
SETTINGS = {"quick": (0.3, 5, 8, 10), "middle": (0.5, 10, 4, 0), "slow": (0.4, 30, 6, 0), "best": (0.7, 20, 0, 0)}


def candidate(name, side=640):
    return Candidate(name, replace(DEFAULTS, model=name, max_side=side), Path(__file__), SETTINGS[name][0])


@pytest.fixture
def compare(monkeypatch):
    """Compare made settings: two rounds, of which the second takes 20 % longer."""

    def trial(one, piece):
        _, ms, beside, missing = SETTINGS[one.label]
        poses = frames(*([] if n < missing else [person(x=beside)] for n in range(COUNT)))
        times = np.full(COUNT, ms * (1 + 0.2 * piece.round), np.float32)
        times[:5] = 1000  # to warm up
        return Trial(piece, poses, times, np.cumsum(times + 10) / 1000)

    def run_in_turn(candidates, pieces):
        return {one: [trial(one, piece) for piece in pieces] for one in candidates}

    monkeypatch.setattr(module, "run_in_turn", run_in_turn)
    pieces = [Piece(Path("a.mp4"), n, n, n + 1) for n in range(2)]
    return lambda budget_ms=None, names=SETTINGS: compare_settings(
        [candidate(name) for name in names], pieces, budget_ms
    )


def test_the_figures(compare):
    made = compare()
    assert [row.label for row in made.rows] == ["quick", "middle", "best", "slow"]
    assert [row.label for row in made.front] == ["quick", "middle", "best"]
    quick, middle, best, _ = made.rows
    assert made.strongest is best and best.agreement == pytest.approx(1) and best.seen_by_one == 0
    assert (quick.with_person, quick.seen_by_one) == (0.75, 0.25) and quick.agreement < 0.75 < middle.agreement < 1
    assert middle.rounds_ms == pytest.approx((10, 12)) and 10 <= middle.ms <= 12
    assert made.unsteadiness == pytest.approx(0.2) and made.frames == 2 * COUNT
    assert middle.frames_per_second == pytest.approx(1000 / 21) and middle.jitter < 0.01 and middle.jumps == 0


def test_what_to_take(compare):
    none = compare().advice
    assert none.startswith("no other beats: quick: 5.5 ms, agrees 0.") and none.endswith("best: 22.0 ms, the strongest")
    assert compare(15).advice.startswith("take middle: 11.0 ms of a budget of 15 ms, agrees 0.")
    assert compare(15).advice.endswith("with best")
    assert compare(11.5).advice.endswith("; one frame in 20 takes more than 12.0 ms")
    assert compare(100).advice == "take best: 22.0 ms of a budget of 100 ms, the strongest"
    assert compare(1).taken is None
    assert compare(1).advice.startswith("nothing fits a budget of 1 ms; the quickest is quick: 5.5 ms, agrees 0.")


def test_the_record_has_what_the_rows_have(compare):
    made = compare(15)
    record = made.record()
    assert (record["strongest"], record["taken"], record["front"]) == ("best", "middle", ["quick", "middle", "best"])
    assert [row["ms"] for row in record["settings"]] == [pytest.approx(row.ms, abs=1e-3) for row in made.rows]
    assert record["pieces"][1] == {"video": "a.mp4", "round": 1, "start": 1, "end": 2}


def test_the_strongest_is_that_of_the_highest_ap_and_of_the_largest_picture():
    middle, best = candidate("middle"), candidate("best")
    assert strongest([middle, best]) is best
    sides = [candidate("best", side) for side in (256, 0, 640)]
    assert strongest([middle, *sides]) is sides[1]
    unknown = [replace(one, ap=None) for one in (best, middle)]
    assert strongest([*unknown]) is unknown[0]


def test_labels_stay_in_the_figure_and_do_not_meet(compare):
    dots = make_scatter(compare()).dots
    assert all(0 < dot.x < WIDTH and 0 < dot.y < HEIGHT for dot in dots)
    assert len({(dot.label_x, dot.label_y) for dot in dots}) == len(dots)
    x, y = ([getattr(dot, axis) for dot in dots] for axis in "xy")
    assert x == sorted(x) and y[2] == min(y), "time goes to the right, agreement upwards"
    budget = make_scatter(compare(20)).budget_x
    assert x[1] < budget < x[2] and make_scatter(compare(1000)).budget_x is None
    assert len(make_scatter(compare(names=["best"])).dots) == 1


# Candidates.


def test_every_model_with_every_size(lite):
    found, left_out = find_candidates(["blazepose-lite"], [640, 0, 640])
    assert [one.label for one in found] == ["blazepose-lite at 640", "blazepose-lite at full size"] and not left_out
    assert [one.options.max_side for one in found] == [640, 0] and found[0].ap > 0.2
    assert found[0].megabytes == pytest.approx(5.8, abs=0.1)


def test_what_is_not_there_is_left_out_unless_it_was_named(lite, tmp_path, monkeypatch):
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path))
    offline = Options(download_model=False)
    with pytest.raises(FileNotFoundError, match="not cached"):
        find_candidates(options=offline)
    (tmp_path / lite.name).write_bytes(lite.read_bytes())
    found, left_out = find_candidates(options=offline)
    assert [one.label for one in found] == ["blazepose-lite"] and len(left_out) == 4
    assert left_out[-1].startswith("movenet-thunder is left out: ")
    with pytest.raises(FileNotFoundError, match="not cached"):
        find_candidates(["blazepose-lite", "movenet-thunder"], options=offline)
    with pytest.raises(ValueError, match="blazepose-light: unknown model; known are"):
        find_candidates(["blazepose-light"])
    with pytest.raises(FileNotFoundError, match=r"own\.onnx: no such model file"):
        find_candidates([str(tmp_path / "own.onnx")])
