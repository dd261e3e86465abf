"""DeepLabCut's CSV, read by pandas as `movement` does: its own package brings 60 others."""

import numpy as np
import pandas
import pytest
from documents import ONE, SEVERAL, write_people

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document

LEVELS = ["scorer", "individuals", "bodyparts", "coords"]


def export(document, name):
    return main(["export", str(document), "--to", name, "-o", str(document.with_suffix(".csv"))])


def read(path, levels):
    """(T, N, 17, 3), names of people: movement.io.load_poses.from_dlc_file, with its check of the head."""
    lines = path.read_text().splitlines()
    assert [line.split(",")[0] for line in lines[: len(levels)]] == levels and lines[len(levels)].startswith("0,")
    table = pandas.read_csv(path, header=list(range(len(levels))), index_col=0)
    assert table.columns.names == levels and list(table.index) == list(range(len(lines) - len(levels)))
    people = table.columns.get_level_values("individuals").unique() if "individuals" in levels else ["one"]
    assert list(table.columns.get_level_values("bodyparts").unique()) == list(KEYPOINT_NAMES)
    assert list(table.columns.get_level_values("coords").unique()) == ["x", "y", "likelihood"]
    return table.to_numpy().reshape(-1, len(people), 17, 3), list(people)


def check(values, frame, column, track):
    """Whether a place holds that person of the frame, or nothing."""
    person = next((person for person in frame.persons if person.track_id == track), None)
    there = np.zeros(17, bool) if person is None else person.keypoints.score > 0
    missing = values[frame.index, column][~there]
    assert np.isnan(missing[:, :2]).all() and not missing[:, 2].any()
    if person is not None:
        np.testing.assert_allclose(values[frame.index, column, there, :2], person.keypoints.xy[there], atol=0.005)
        np.testing.assert_allclose(values[frame.index, column, there, 2], person.keypoints.score[there], atol=1e-4)


def test_one_person_has_three_lines_of_head(tmp_path):
    document = write_people(tmp_path / "in.json", ONE)
    assert export(document, "dlc") == 0
    values, _ = read(tmp_path / "in.csv", [level for level in LEVELS if level != "individuals"])
    for frame in read_document(document)[1]:
        check(values, frame, 0, 1)


def test_several_have_four_and_columns_of_their_own(tmp_path):
    document = write_people(tmp_path / "in.json", SEVERAL, track_names={"7": "Anna"})
    assert export(document, "dlc-multi") == 0
    values, people = read(tmp_path / "in.csv", LEVELS)
    assert people == ["person_3", "Anna", "person_12"]
    for frame in read_document(document)[1]:
        for column, track in enumerate((3, 7, 12)):
            check(values, frame, column, track)


def test_several_are_refused_for_one(tmp_path, capsys):
    """Also two who are never in the same frame."""
    for number, ids in enumerate((SEVERAL, [(1,), (2,)])):
        document = write_people(tmp_path / f"{number}.json", ids)
        assert export(document, "dlc") == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "has several people" in error and "take dlc-multi" in error
    assert not [*tmp_path.glob("*.csv")]


@pytest.mark.parametrize("name", ["dlc-multi", "npz", "trc"])
def test_people_who_cannot_be_told_apart_are_refused(tmp_path, capsys, name):
    for number, ids in enumerate(([(None, None)], [(4, 4)])):
        assert export(write_people(tmp_path / f"{number}.json", ids), name) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and ("without a track_id" if ids[0][0] is None else "track 4 twice") in error
    assert not [*tmp_path.glob("*.csv")]


def test_names_that_are_alike_stay_two(tmp_path):
    document = write_people(tmp_path / "in.json", SEVERAL, track_names={"7": "Anna", "3": "Anna"})
    assert export(document, "dlc-multi") == 0
    assert read(tmp_path / "in.csv", LEVELS)[1] == ["Anna_3", "Anna_7", "person_12"]


def test_nobody_is_rows_of_nothing(tmp_path):
    document = write_people(tmp_path / "in.json", [(), ()])
    assert export(document, "dlc") == 0
    values, _ = read(tmp_path / "in.csv", [level for level in LEVELS if level != "individuals"])
    assert values.shape == (2, 1, 17, 3) and np.isnan(values[..., :2]).all() and not values[..., 2].any()
