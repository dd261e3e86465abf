"""`posecore evaluate tracks` on documents that are made of the truth."""

import json

import numpy as np
import pytest

from posecore import DocumentWriter, FramePose, Keypoints, Person
from posecore.cli import main
from posecore.evaluation import read_true_tracks

META = {"fps": 25, "width": 640, "height": 480}


def write(path, truth, track_of):
    """A document in which everybody is where they truly are; track_of: (id, index) → track."""
    with DocumentWriter(path, META, everyone=True) as document:
        for index, frame in truth.items():
            persons = [
                Person(Keypoints(np.ones((17, 2)), np.ones(17)), 1.0, box, track_of(who, index))
                for who, box in zip(frame.ids.tolist(), frame.boxes, strict=True)
            ]
            document.write(FramePose(index, index * 40, tuple(persons)))


@pytest.fixture
def clips(tmp_path):
    """Two people in four frames; three in one frame, of whom one is hidden."""
    two = [{"id": n, "bbox": [100 * n, 50, 40, 100]} for n in (1, 2)]
    three = [*two, {"id": 3, "bbox": [300, 50, 40, 100], "occluded": True}]
    for name, frames in {"walk": {str(n): two for n in range(4)}, "stand": {"7": three}}.items():
        (tmp_path / f"{name}.ids.json").write_text(json.dumps({"frames": frames}))
    return tmp_path


def test_table_and_report(clips, capsys):
    walk, stand = (read_true_tracks(clips / f"{name}.ids.json") for name in ("walk", "stand"))
    write(clips / "walk.json", walk, lambda who, index: who if index < 2 else 3 - who)
    write(clips / "stand.json", stand, lambda who, index: who)
    words = ["evaluate", "tracks", "--clips", clips, "--documents", clips, "-o", clips / "report.json"]
    assert main([*map(str, words)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [
        ["stand", "2", "1.000", "0", "0.00", "1.000", "1.000"],
        ["walk", "8", "1.000", "2", "25.00", "0.500", "0.577"],
        ["mean", "1.000", "20.00", "0.750", "0.789"],
    ]
    report = json.loads((clips / "report.json").read_text())
    assert report["clips"]["walk"] == {
        "true_boxes": 8, "found": 8, "changes": 2, "recall": 1, "changes_per_100": 25, "idf1": 0.5, "hota": 0.5774,
    }  # fmt: skip
    assert report["mean"] == {"recall": 1, "changes_per_100": 20, "idf1": 0.75, "hota": 0.7887}


def test_what_is_missing_is_named(clips, capsys):
    def refused(documents, *words):
        assert main(["evaluate", "tracks", "--clips", str(clips), "--documents", str(documents)]) == 2
        out, error = capsys.readouterr()
        assert out == "" and error.count("\n") == 1 and all(word in error for word in words), error

    refused(clips, "stand.json", "No such file")
    stand = read_true_tracks(clips / "stand.ids.json")
    write(clips / "stand.json", stand, lambda who, index: None)
    refused(clips, "stand.json: a person has no track_id", "--people all")
    for path in clips.glob("*.ids.json"):
        path.unlink()
    refused(clips, f"{clips}: holds no NAME.ids.json")


def test_everybody_in_a_real_clip(people, tmp_path, capsys):
    """How well, is for docs/results.md to say."""
    for name in ("store_aisle.mp4", "store_aisle.ids.json"):
        (tmp_path / name).symlink_to(people / name)
    arguments = ["--clips", tmp_path, "--model", "movenet-lightning", "-o", tmp_path / "figures.json"]
    assert main(["evaluate", "tracks", *map(str, arguments)]) == 0
    assert "store_aisle     21" in capsys.readouterr().out
    mean = json.loads((tmp_path / "figures.json").read_text())["mean"]
    assert mean["recall"] > 0.5 and mean["idf1"] > 0.5
