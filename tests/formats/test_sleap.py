"""SLEAP's file, read by sleap-io."""

import resource
import shutil
import sys

import numpy as np
import pytest
from documents import SEVERAL, write_people

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.formats import read_document


def test_sleap_io_reads_it(tmp_path):
    sleap_io = pytest.importorskip("sleap_io", reason="sleap-io is not installed: see the Makefile")
    document = write_people(tmp_path / "in.json", SEVERAL, source="walk.mp4", track_names={"7": "Anna"})
    assert main(["export", str(document), "--to", "slp", "-o", str(tmp_path / "out.slp")]) == 0
    labels = sleap_io.load_slp(str(tmp_path / "out.slp"), open_videos=False)
    assert labels.skeleton.node_names == list(KEYPOINT_NAMES) and labels.video.filename == "walk.mp4"
    assert [tuple(edge) for edge in labels.skeleton.edge_inds] == list(SKELETON)
    assert sorted(track.name for track in labels.tracks) == ["Anna", "person_12", "person_3"]
    names = {3: "person_3", 7: "Anna", 12: "person_12"}
    by_index = {frame.frame_idx: frame for frame in labels.labeled_frames}
    for frame in read_document(document)[1]:
        instances = by_index[frame.index].instances if frame.index in by_index else []
        assert [one.track.name for one in instances] == [names[person.track_id] for person in frame.persons]
        for one, person in zip(instances, frame.persons, strict=True):
            values, there = one.numpy(scores=True), person.keypoints.score > 0
            np.testing.assert_allclose(values[there, :2], person.keypoints.xy[there], atol=0.005)
            np.testing.assert_allclose(values[there, 2], person.keypoints.score[there], atol=1e-4)
            assert np.isnan(values[~there, :2]).all() and one.score == pytest.approx(person.score, abs=1e-4)


def test_a_full_disk(run, tmp_path):
    """Where HDF5 says no in the middle of a file, h5py has been seen to crash."""
    pytest.importorskip("sleap_io", reason="sleap-io is not installed: see the Makefile")
    write_people(tmp_path / "in.json", SEVERAL)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))

    done = run("export", "in.json", "--to", "slp", "-o", "out.slp", preexec_fn=limit)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "error: out.slp: " in done.stderr and [path.name for path in tmp_path.iterdir()] == ["in.json"]


def test_without_sleap_io_the_cure_is_named(tmp_path, monkeypatch, capsys):
    document = write_people(tmp_path / "in.json", SEVERAL)
    monkeypatch.setitem(sys.modules, "sleap_io", None)
    assert main(["export", str(document), "--to", "slp", "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "pip install sleap-io" in error and not (tmp_path / "out").exists()


def move_points(path, secret, kind):
    """Have the points of a file be in another one: behind a link, as its bytes, or put together of its parts."""
    h5py = pytest.importorskip("h5py")
    shutil.copy(path, secret)
    with h5py.File(path, "r+") as file:
        values = file["pred_points"][...]
        del file["pred_points"]
        if kind == "link":
            file["pred_points"] = h5py.ExternalLink(str(secret), "pred_points")
        elif kind == "bytes":
            secret.write_bytes(values.tobytes())
            place = [(str(secret), 0, values.nbytes)]
            file.create_dataset("pred_points", values.shape, values.dtype, external=place)
        else:
            layout = h5py.VirtualLayout(values.shape, values.dtype)
            layout[:] = h5py.VirtualSource(str(secret), "pred_points", values.shape)
            file.create_virtual_dataset("pred_points", layout)


@pytest.mark.parametrize("kind", ["link", "bytes", "parts"])
def test_values_that_are_in_another_file_are_not_read(tmp_path, kind, capsys):
    sleap_io = pytest.importorskip("sleap_io", reason="sleap-io is not installed: see the Makefile")
    document, path = write_people(tmp_path / "in.json", SEVERAL), tmp_path / "a.slp"
    assert main(["export", str(document), "--to", "slp", "-o", str(path)]) == 0
    move_points(path, tmp_path / "secret", kind)
    careless = sleap_io.load_slp(str(path), open_videos=False)
    assert np.isfinite(careless.labeled_frames[1].instances[0].numpy()).any()
    words = ["import", str(path), "-o", str(tmp_path / "b.json"), "--size", "640x360", "--fps", "30"]
    assert main(words) == 2 and not (tmp_path / "b.json").exists()
    assert "its pred_points is in another file, which is not opened" in capsys.readouterr().err
