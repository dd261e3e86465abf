"""MOTChallenge's text, written by us and read by trackeval."""

from dataclasses import replace

import numpy as np
import pytest
from documents import META, person
from trackeval.datasets import MotChallenge2DBox

from posecore.cli import main
from posecore.formats import DocumentWriter, read_document
from posecore.pose import FramePose


@pytest.fixture
def document(tmp_path):
    """Six frames; 1 is in all but the second, 2 in the last three, somebody without an id in the last."""
    of_frame = [(1,), (), (1,), (1, 2), (1, 2), (2, 1, None)]
    with DocumentWriter(tmp_path / "in.json", META, everyone=True) as writer:
        for n, ids in enumerate(of_frame):
            persons = tuple(replace(person(10 * n + k), track_id=track) for k, track in enumerate(ids))
            writer.write(FramePose(n, 33 * n, persons))
    return tmp_path / "in.json"


def read(path, frames):
    """By trackeval, as the tracks of one clip."""
    truth = path.parent / "truth.txt"
    truth.write_text("1,1,0,0,1,1,1,1,1\n")
    here = str(path.parent)
    config = {
        "TRACKERS_FOLDER": here,
        "TRACKERS_TO_EVAL": ["."],
        "TRACKER_SUB_FOLDER": "",
        "SKIP_SPLIT_FOL": True,
        "GT_FOLDER": here,
        "GT_LOC_FORMAT": str(truth),
        "SEQ_INFO": {path.stem: frames},
        "PRINT_CONFIG": False,
    }
    return MotChallenge2DBox(config).get_raw_seq_data(".", path.stem)


def test_trackeval_reads_it(document, tmp_path):
    assert main(["export", str(document), "--to", "mot", "-o", str(tmp_path / "mot.txt")]) == 0
    found, frames = read(tmp_path / "mot.txt", 6), read_document(document)[1]
    assert [ids.tolist() for ids in found["tracker_ids"]] == [[1], [], [1], [1, 2], [1, 2], [2, 1, -1]]
    for frame, boxes, scores in zip(frames, found["tracker_dets"], found["tracker_confidences"], strict=True):
        expected = np.array([person.box for person in frame.persons]).reshape(-1, 4)
        np.testing.assert_allclose(boxes[:, :2], expected[:, :2], atol=0.01)
        np.testing.assert_allclose(boxes[:, :2] + boxes[:, 2:], expected[:, 2:], atol=0.02)
        np.testing.assert_allclose(scores, [person.score for person in frame.persons], atol=1e-4)
    assert (tmp_path / "mot.txt").read_text().splitlines()[0].endswith(",-1,-1,-1")
