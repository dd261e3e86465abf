"""OpenSim's TRC, read by trc-data-reader; what OpenSim's own reader demands; and golden bytes."""

import os
from dataclasses import replace

import numpy as np
import pytest
from documents import META, SEVERAL, partly, person, write_people
from trc import TRCData

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES, LANDMARK_NAMES
from posecore.formats import DocumentWriter, read_document
from posecore.pose import FramePose, Keypoints, Landmarks, Person

KEYS = [
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames",
]  # fmt: skip


def export(document, path, *options):
    return main(["export", str(document), "--to", "trc", "-o", str(path), *map(str, options)])


def read(path):
    """The head of a file, and (T, markers, 3) metres by trc-data-reader."""
    data = TRCData()
    data.load(str(path))
    return data, np.moveaxis([data[marker] for marker in data["Markers"]], 0, 1)


def opensim_reads(path):
    """(T, markers, 3) by the rules of TRCFileAdapter.cpp in opensim-core, which is no package that pip has."""
    lines = path.read_text().split("\n")
    keys, values, names, axes = (line.split("\t") for line in lines[1:5])
    assert lines[0].split("\t")[0] == "PathFileType" and keys == KEYS and len(values) == 8
    markers = [name for name in names if name]
    assert markers[:2] == ["Frame#", "Time"] and len(markers) == int(values[3]) + 2
    assert [axis for axis in axes if axis] == [f"{axis}{n}" for n in range(1, int(values[3]) + 1) for axis in "XYZ"]
    assert lines[5] == "" and lines[-1] == ""
    rows = []
    for line in lines[6:-1]:
        cells = line.split("\t")
        cells = cells if cells[-1] else cells[:-1]  # what is empty after the last tab is no cell
        assert len(cells) == 3 * int(values[3]) + 2
        rows.append([float(cell) if cell else np.nan for cell in cells[2:]])
    return np.reshape(rows, (len(rows), -1, 3))


def test_golden_bytes(tmp_path):
    xy = np.zeros((17, 2), np.float32)
    xy[[0, 16]] = [[100, 50], [120.5, 400]]
    score = np.zeros(17, np.float32)
    score[[0, 16]] = 0.5
    with DocumentWriter(tmp_path / "in.json", META | {"height": 480, "width": 640}, everyone=True) as writer:
        for number, people in enumerate([(Person.around(Keypoints(xy, score)),), ()]):
            writer.write(FramePose(number, 33 * number, people))
    assert export(tmp_path / "in.json", tmp_path / "sub" / "walk.trc", "--metres-per-pixel", 0.01) == 0
    names = [
        "Nose", "LEye", "REye", "LEar", "REar", "LShoulder", "RShoulder", "LElbow", "RElbow", "LWrist", "RWrist",
        "LHip", "RHip", "LKnee", "RKnee", "LAnkle", "RAnkle",
    ]  # fmt: skip
    assert (tmp_path / "sub" / "walk.trc").read_bytes().decode() == (
        "PathFileType\t4\t(X/Y/Z)\twalk.trc\n"
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        "29.97003\t29.97003\t2\t17\tm\t29.97003\t1\t2\n"
        "Frame#\tTime\t" + "".join(f"{name}\t\t\t" for name in names) + "\n"
        "\t\t" + "".join(f"X{n}\tY{n}\tZ{n}\t" for n in range(1, 18)) + "\n"
        "\n"
        "1\t0.000\t1.00000\t4.30000\t0.00000\t" + "\t" * 45 + "1.20500\t0.80000\t0.00000\t\n"
        "2\t0.033\t" + "\t" * 51 + "\n"
    )


def test_everyone_has_a_file_and_gaps_are_blank(tmp_path):
    document = write_people(tmp_path / "in.json", SEVERAL)
    assert export(document, tmp_path / "out.trc", "--metres-per-pixel", 0.002) == 0
    assert sorted(os.listdir(tmp_path)) == ["in.json", "out_12.trc", "out_3.trc", "out_7.trc"]
    for track in (3, 7, 12):
        path = tmp_path / f"out_{track}.trc"
        head, markers = read(path)
        assert (head["FileName"], head["Units"], head["NumFrames"], head["NumMarkers"]) == (path.name, "m", 10, 17)
        assert head["DataRate"] == pytest.approx(29.97003) and head["Frame#"] == [*range(1, 11)]
        np.testing.assert_array_equal(markers, opensim_reads(path))
        for frame in read_document(document)[1]:
            assert head["Time"][frame.index] == pytest.approx(frame.timestamp_ms / 1000)
            who = next((one for one in frame.persons if one.track_id == track), None)
            there = np.zeros(17, bool) if who is None else who.keypoints.score > 0
            assert np.isnan(markers[frame.index][~there]).all()
            if who is not None:
                x, y = who.keypoints.xy[there].T
                expected = 0.002 * np.stack([x, META["height"] - y, 0 * x], axis=1)
                np.testing.assert_allclose(markers[frame.index][there], expected, atol=1e-5)


def test_metres_by_the_height_of_the_person(tmp_path):
    """Who stands upright, 779 pixels from the shoulders to the ankles, is 1000 pixels tall."""
    xy = np.full((17, 2), 500, np.float32)
    for name, y in {"shoulder": 100, "hip": 388, "knee": 633, "ankle": 879}.items():
        for side, x in (("left", 450), ("right", 550)):
            xy[KEYPOINT_NAMES.index(f"{side}_{name}")] = x, y
    standing = Person.around(Keypoints(xy, np.ones(17, np.float32)))
    with DocumentWriter(tmp_path / "in.json", META, everyone=True) as writer:
        for number in range(3):
            writer.write(FramePose(number, 33 * number, (standing,)))
    assert export(tmp_path / "in.json", tmp_path / "out.trc", "--person-height", 1.8) == 0
    _, markers = read(tmp_path / "out.trc")
    ankle, shoulder = (markers[1, KEYPOINT_NAMES.index(f"left_{part}")] for part in ("ankle", "shoulder"))
    assert shoulder[1] - ankle[1] == pytest.approx(0.779 * 1.8, abs=1e-4)
    assert ankle[0] == pytest.approx(450 * 0.0018, abs=1e-4)


def test_world_landmarks_where_there_are_some(tmp_path):
    rng = np.random.default_rng(0)
    ones, zeros = np.ones(33, np.float32), np.zeros((33, 3), np.float32)
    worlds = np.round(rng.normal(0, 0.5, (4, 33, 3)), 4).astype(np.float32)
    with DocumentWriter(tmp_path / "in.json", META, everyone=True) as writer:
        for number, world in enumerate(worlds):
            who = replace(person(number), landmarks=Landmarks(zeros, ones, ones, world=world))
            writer.write(FramePose(number, 40 * number, () if number == 2 else (who,)))
    assert export(tmp_path / "in.json", tmp_path / "out.trc") == 0
    head, markers = read(tmp_path / "out.trc")
    assert head["Markers"] == list(LANDMARK_NAMES)
    np.testing.assert_allclose(markers[[0, 1, 3]], worlds[[0, 1, 3]] * [1, -1, -1], atol=1e-5)  # y up, z to the camera
    assert np.isnan(markers[2]).all()


def test_a_rate_that_varies_is_the_true_mean_and_is_told(tmp_path, capsys):
    document = write_people(tmp_path / "in.json", [(1,)] * 5, [0, 40, 80, 180, 220], fps=30.0)
    assert export(document, tmp_path / "out.trc", "--metres-per-pixel", 0.01) == 0
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "the rate of its video varies" in error and "18.1818 frames a second" in error
    head, _ = read(tmp_path / "out.trc")
    assert head["DataRate"] == pytest.approx(4 / 0.22) and head["Time"] == [0, 0.04, 0.08, 0.18, 0.22]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "has no landmarks in metres; give --metres-per-pixel or --person-height"),
        (["--metres-per-pixel", 0.01, "--person-height", 1.8], "give one of them"),
        (["--person-height", 1.8], "never shows the trunk and the legs"),
    ],
)
def test_without_a_scale_nothing_is_written(tmp_path, capsys, options, message):
    nose = partly(1)
    score = np.where(np.arange(17) == 0, 1, 0).astype(np.float32)
    with DocumentWriter(tmp_path / "in.json", META, everyone=True) as writer:
        writer.write(FramePose(0, 0, (replace(nose, keypoints=Keypoints(nose.keypoints.xy, score)),)))
    assert export(tmp_path / "in.json", tmp_path / "out.trc", *options) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and message in error and os.listdir(tmp_path) == ["in.json"]
