"""eval/track.py on a real clip, in which an estimator of the test knows who is who."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from posecore.evaluation import read_true_tracks
from posecore.pose import Keypoints, Person

EVAL = Path(__file__).parent.parent.parent / "eval"
NOWHERE = Keypoints(np.zeros((17, 2), np.float32), np.ones(17, np.float32))


class Knowing:
    """Gives those who truly are there; every k-th labelled frame nobody."""

    max_side = 640

    def __init__(self, truth, blind):
        self.truth, self.blind = truth, blind

    def __call__(self, frame):
        true = self.truth.get(frame.index)
        if true is None or (list(self.truth).index(frame.index) + 1) % self.blind == 0:
            return []
        assert max(frame.size) == 480
        return [Person(NOWHERE, 1.0, box, i) for i, box in zip(true.ids.tolist(), true.boxes, strict=True)]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


@pytest.fixture
def script(monkeypatch, people, tmp_path):
    """The script, and a folder with one clip."""
    monkeypatch.syspath_prepend(str(EVAL))
    import track

    truth = read_true_tracks(people / "store_aisle.ids.json")
    blind = {1: 1000, 5: 3, 10: 1}
    monkeypatch.setattr(track, "open_estimator", lambda finder_every, **_: Knowing(truth, blind[finder_every]))
    for name in ("store_aisle.mp4", "store_aisle.ids.json"):
        (tmp_path / name).symlink_to(people / name)
    yield track
    for name in ("track", "tracks_table", "results_table", "command"):
        sys.modules.pop(name, None)


def test_files_and_table(script, tmp_path, capsys):
    text = tmp_path / "results.md"
    text.write_text(f"before\n{script.MARKS[0]}\nold\n{script.MARKS[1]}\nafter\n")
    arguments = ["--clips", tmp_path, "--out", tmp_path / "out", "--text", text]
    assert script.main([*map(str, arguments)]) == 0
    written = [json.loads(path.read_text()) for path in sorted((tmp_path / "out").iterdir())]
    assert len(written) == 9 and all(run["clips"]["store_aisle"]["true_boxes"] == 21 for run in written)
    recall = {run["options"]["every"]: run["mean"]["recall"] for run in written}
    assert recall[1] == 1 and 0 < recall[5] < 1 and recall[10] == 0
    table = capsys.readouterr().out
    assert text.read_text() == f"before\n{table.strip()}\nafter\n"
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| movenet")]
    assert [row[:2] for row in rows] == [
        [f"| movenet-{size}", str(every)] for size in ("lightning", "thunder") for every in (1, 5, 10)
    ]
    assert [row[2] for row in rows[:3:2]] == ["1.00 / 0 / 1.00", "0.00 / 0 / 0.00"]


def test_a_text_without_the_marks_is_refused_at_once(script, tmp_path, capsys):
    (tmp_path / "text.md").write_text("nothing\n")
    assert script.main(["--clips", str(tmp_path), "--text", str(tmp_path / "text.md")]) == 2
    assert "text.md: lacks the marks" in capsys.readouterr().err
