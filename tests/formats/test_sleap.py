"""SLEAP's file, read by sleap-io."""

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


def test_without_sleap_io_the_cure_is_named(tmp_path, monkeypatch, capsys):
    document = write_people(tmp_path / "in.json", SEVERAL)
    monkeypatch.setitem(sys.modules, "sleap_io", None)
    assert main(["export", str(document), "--to", "slp", "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "pip install sleap-io" in error and not (tmp_path / "out").exists()
