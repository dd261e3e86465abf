"""Arrays, read by numpy."""

from pathlib import Path

import numpy as np
from documents import FPS, SEVERAL, SIZE, write_people

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document


def test_numpy_reads_it(tmp_path):
    times = [0, 33, 67, 140, 167, 200, 233, 267, 300, 333]
    document = write_people(tmp_path / "in.json", SEVERAL, times, track_names={"7": "Anna"})
    assert main(["export", str(document), "--to", "npz", "-o", str(tmp_path / "out.npz")]) == 0
    arrays = np.load(tmp_path / "out.npz", allow_pickle=False)
    assert arrays["keypoints"].shape == (10, 3, 17, 3) and arrays["keypoints"].dtype == np.float32
    assert arrays["track_id"].tolist() == [3, 7, 12] and arrays["track_name"].tolist() == ["", "Anna", ""]
    assert arrays["keypoint_name"].tolist() == list(KEYPOINT_NAMES)
    assert (arrays["time"] * 1000).round().astype(int).tolist() == times and arrays["frame"].tolist() == [*range(10)]
    assert float(arrays["fps"]) == FPS and tuple(arrays["size"]) == SIZE and str(arrays["source"]) == "a.mp4"
    seen = np.zeros((10, 3), bool)
    for frame in read_document(document)[1]:
        for person in frame.persons:
            column = arrays["track_id"].tolist().index(person.track_id)
            values, there = arrays["keypoints"][frame.index, column], person.keypoints.score > 0
            np.testing.assert_array_equal(values[there], np.c_[person.keypoints.xy, person.keypoints.score][there])
            assert np.isnan(values[~there]).all()
            np.testing.assert_array_equal(arrays["box"][frame.index, column], person.box)
            np.testing.assert_allclose(arrays["score"][frame.index, column], person.score, atol=1e-6)
            seen[frame.index, column] = True
    assert np.isnan(arrays["keypoints"][~seen]).all() and np.isnan(arrays["score"][~seen]).all()


class Hostile:
    """Whoever unpacks it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_an_object_is_never_unpacked(tmp_path, capsys):
    document = write_people(tmp_path / "in.json", SEVERAL)
    assert main(["export", str(document), "--to", "npz", "-o", str(tmp_path / "a.npz")]) == 0
    arrays = dict(np.load(tmp_path / "a.npz")) | {"source": np.array(Hostile(tmp_path / "made"), object)}
    np.savez(tmp_path / "a.npz", **arrays)
    assert main(["import", str(tmp_path / "a.npz"), "-o", str(tmp_path / "b.json")]) == 2
    assert "a.npz: cannot be read as npz (Object arrays cannot be loaded" in capsys.readouterr().err
    assert not (tmp_path / "made").exists() and not (tmp_path / "b.json").exists()
    dict(np.load(tmp_path / "a.npz", allow_pickle=True))
    assert (tmp_path / "made").exists()  # by who is careless


def test_text_that_is_none_is_refused(tmp_path, capsys):
    document = write_people(tmp_path / "in.json", SEVERAL)
    assert main(["export", str(document), "--to", "npz", "-o", str(tmp_path / "a.npz")]) == 0
    np.savez(
        tmp_path / "a.npz", **dict(np.load(tmp_path / "a.npz")) | {"source": np.full(1, 0x110000, "u4").view("U1")}
    )
    assert main(["import", str(tmp_path / "a.npz"), "-o", str(tmp_path / "b.json")]) == 2
    assert "a.npz: cannot be read as npz" in capsys.readouterr().err
