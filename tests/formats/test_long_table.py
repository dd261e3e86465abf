"""The long table as CSV and Parquet, read by pandas."""

import sys

import numpy as np
import pandas
import pytest
from documents import NOBODYS, SEVERAL, write_people

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document

READERS = {"csv": pandas.read_csv, "parquet": pandas.read_parquet}
UNEVEN = [0, 33, 67, 140, 167, 200, 233, 267, 300, 333]

each = pytest.mark.parametrize("name", READERS)


@each
def test_pandas_reads_it(tmp_path, name, capsys):
    document = write_people(tmp_path / "in.json", SEVERAL, UNEVEN)
    assert main(["export", str(document), "--to", name, "-o", str(tmp_path / "out")]) == 0
    assert capsys.readouterr() == ("", "")  # the times are in it: nothing to warn of
    table = READERS[name](tmp_path / "out")
    assert list(table.columns) == ["frame", "time", "track", "keypoint", "x", "y", "score"]
    assert len(table) == 17 * sum(map(len, SEVERAL))
    found = table.set_index(["frame", "track", "keypoint"]).sort_index()
    assert found.index.is_unique
    for frame in read_document(document)[1]:
        for person in frame.persons:
            rows = found.loc[frame.index, person.track_id].loc[list(KEYPOINT_NAMES)]
            np.testing.assert_allclose(rows["time"], UNEVEN[frame.index] / 1000, atol=1e-9)
            there = person.keypoints.score > 0
            np.testing.assert_array_equal(rows["x"].isna(), ~there)
            np.testing.assert_allclose(rows[["x", "y"]][there], person.keypoints.xy[there], atol=0.005)
            np.testing.assert_allclose(rows["score"], person.keypoints.score, atol=1e-4)


@each
def test_who_has_no_id_has_an_empty_track(tmp_path, name):
    document = write_people(tmp_path / "in.json", NOBODYS)
    assert main(["export", str(document), "--to", name, "-o", str(tmp_path / "out")]) == 0
    assert READERS[name](tmp_path / "out")["track"].isna().all()


def test_without_pyarrow_the_cure_is_named(tmp_path, monkeypatch, capsys):
    document = write_people(tmp_path / "in.json", SEVERAL)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["export", str(document), "--to", "parquet", "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "pip install pyarrow" in error and not (tmp_path / "out").exists()
