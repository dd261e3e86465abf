"""OpenPose's folder, read by pose-format."""

import json
import os

import numpy as np
import pytest
from documents import SEVERAL, write_people
from pose_format.utils.openpose import load_openpose_directory

from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document

# https://github.com/CMU-Perceptual-Computing-Lab/openpose/blob/master/doc/02_output.md, of its model COCO.
COCO_18 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear",
)  # fmt: skip


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return write_people(tmp_path_factory.mktemp("openpose") / "in.json", SEVERAL, source="walk.mp4")


def export(document, path, name="openpose"):
    return main(["export", str(document), "--to", name, "-o", str(path)])


def test_pose_format_reads_18_points(document, tmp_path):
    assert export(document, tmp_path / "out") == 0
    assert sorted(os.listdir(tmp_path / "out")) == [f"walk_{n:012d}_keypoints.json" for n in range(10)]
    body = load_openpose_directory(str(tmp_path / "out"), fps=30, width=1080, height=1920).body
    necks = 0
    for frame in read_document(document)[1]:
        for who, person in enumerate(frame.persons):
            xy, score = body.data[frame.index, who], body.confidence[frame.index, who]
            for place, name in enumerate(COCO_18):
                if name == "neck":
                    both = [KEYPOINT_NAMES.index(f"{side}_shoulder") for side in ("left", "right")]
                    expected, sure = person.keypoints.xy[both].mean(axis=0), person.keypoints.score[both].min()
                    necks += sure > 0
                else:
                    number = KEYPOINT_NAMES.index(name)
                    expected, sure = person.keypoints.xy[number], person.keypoints.score[number]
                assert score[place] == pytest.approx(sure, abs=1e-4), name
                assert bool(xy.mask[place].all()) == (sure == 0)
                if sure:
                    np.testing.assert_allclose(xy[place], expected, atol=0.01)
            assert not score[18:].any()
        assert not body.confidence[frame.index, len(frame.persons) :].any()
    assert 0 < necks < sum(map(len, SEVERAL))  # of some a shoulder is missing


def test_17_points_and_true_ids(document, tmp_path):
    assert export(document, tmp_path / "out", "openpose-17") == 0
    for frame in read_document(document)[1]:
        people = json.loads((tmp_path / "out" / f"walk_{frame.index:012d}_keypoints.json").read_text())["people"]
        assert [one["person_id"] for one in people] == [[person.track_id] for person in frame.persons]
        for one, person in zip(people, frame.persons, strict=True):
            values = np.reshape(one["pose_keypoints_2d"], (17, 3))
            np.testing.assert_allclose(values[:, :2], person.keypoints.xy, atol=0.005)
            np.testing.assert_allclose(values[:, 2], person.keypoints.score, atol=1e-4)


def test_a_folder_is_replaced_whole_and_never_with_other_things_in_it(document, tmp_path, capsys):
    out = tmp_path / "out"
    assert export(document, out) == 0
    longer = write_people(tmp_path / "longer.json", [(1,)] * 12, source="run.mp4")
    assert export(longer, out) == 0
    assert sorted(os.listdir(out)) == [f"run_{n:012d}_keypoints.json" for n in range(12)]
    (out / "notes.txt").write_text("mine")
    assert export(document, out) == 2
    assert "holds other things (notes.txt); name a new folder" in capsys.readouterr().err
    assert len(os.listdir(out)) == 13
    assert sorted(os.listdir(tmp_path)) == ["longer.json", "out"]


def test_a_file_is_not_a_folder(document, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert export(document, tmp_path / "out") == 2
    assert "out: is not a folder; name a folder to write to" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


def test_a_document_that_is_damaged_leaves_the_folder_as_it_was(document, tmp_path):
    assert export(document, tmp_path / "out") == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    text = document.read_text()
    (tmp_path / "bad.json").write_text(text[: text.rindex('"frame_index": 6')] + "\n]}\n")
    assert export(tmp_path / "bad.json", tmp_path / "out") == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(os.listdir(tmp_path)) == ["bad.json", "out"]
