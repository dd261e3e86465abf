"""What goes into a page and what is refused; doubtful stretches; where two runs disagree."""

import base64
import json
import zlib
from dataclasses import replace

import numbered
import numpy as np
import pytest
from documents import META, SEVERAL, write_people
from numbered import document_of
from standing import POSE, TORSO, frames, person

from posecore import DocumentWriter, FramePose
from posecore.cli import main
from posecore.pose import Keypoints
from posecore.similarity import same_people
from posecore.viewer import footage, write_view
from posecore.viewer.disagreement import disagreement
from posecore.viewer.doubt import doubts
from posecore.viewer.packing import arrays_of, pack, unit_of
from posecore.viewer.series import to_series


def doubts_of(run):
    series = to_series(run)
    return [(series[n].track_id, *rest) for n, *rest in doubts(series, np.array([f.timestamp_ms for f in run]))]


def test_missing_is_between_first_and_last_of_an_id_and_anywhere_without_one():
    assert doubts_of(frames([], [person()], [], [person()], [])) == [(None, "missing", 0, 4)]  # they are near
    assert doubts_of(frames([], [person(1)], [], [person(1)], [])) == [(1, "missing", 2, 2)]
    assert doubts_of(frames([], [])) == [(None, "missing", 0, 1)]


def test_low_scores_and_jumps():
    half = TORSO / 2
    run = frames([person(1)], [person(1, half - 1)], [person(1, 2 * half)], [person(1, 2 * half, score=0.29)])
    assert doubts_of(run) == [(1, "jump", 2, 2), (1, "low", 3, 3)]
    unsure = Keypoints(POSE + np.where(np.arange(17) == 9, 200, 0)[:, None], np.where(np.arange(17) == 9, 0.1, 0.9))
    assert doubts_of(frames([person(1)], [replace(person(1), keypoints=unsure)])) == []
    assert doubts_of(frames([person(1)], [], [person(1, 500)])) == [(1, "missing", 1, 1)]  # not from one to the next


def test_stretches_that_are_near_are_one():
    far = [person(1, 100 * (n in (2, 5, 30))) for n in range(40)]
    assert doubts_of(frames(*([one] for one in far))) == [(1, "jump", 2, 6), (1, "jump", 30, 31)]


def test_nobody_is_twice_in_a_frame():
    with pytest.raises(ValueError, match="frame 0 has the id 7 twice"):
        to_series(frames([person(7), person(7, 50)]))


def test_who_is_whom_whatever_the_ids():
    run = frames([person(1), person(2, 300)], [person(1), person(2, 300)])
    other = frames([person(9, 301), person(8, 1)], [person(9, 301)])
    differs = disagreement(run, other)
    assert differs.partners == {1: 8, 2: 9}
    assert differs.frames[0] < 0.01 and differs.frames[1] == 1
    assert [(s.first, s.last, s.who) for s in differs.stretches] == [(1, 1, True)]
    assert list(same_people([], [person()])) == []


def test_a_run_of_one_person_is_asked_for_that_one_only():
    both, single = [person(1), person(2, 300)], [person(x=300)]
    assert disagreement(frames(both, both), frames(single, [])).frames == pytest.approx([0, 1])


def test_the_worst_comes_first():
    run = [[person(1)]] * 60
    other = [[person(1, 200 if 10 <= n < 13 else 60 if 30 <= n < 50 else 0)] for n in range(60)]
    assert [(s.first, s.last) for s in disagreement(frames(*run), frames(*other)).stretches] == [(30, 49), (10, 12)]


def test_frames_meet_by_time():
    run = frames(*[[person()]] * 4)
    assert np.isnan(disagreement(run, run[1:3]).frames).tolist() == [True, False, False, True]
    with pytest.raises(ValueError, match="no frame at the time"):
        disagreement(run, [replace(run[0], timestamp_ms=9000)])


def test_places_are_packed_to_an_eighth_of_a_pixel():
    """Unpacked here by the description in packing.py."""
    run = frames([person(1, 0.3)], [person(1, 17.77)], [person(1, -5000)])
    data = zlib.decompress(base64.b64decode(pack(arrays_of(run, to_series(run), unit_of(1920, 1080)))))
    data = data[4 * 2 * 3 + 4 * 3 :]  # after times, numbers, and the frames of the one person
    low, high = np.frombuffer(data[: 2 * 34 * 3], np.uint8).reshape(2, 34, 3).astype(np.uint16)
    small = low | high << 8
    steps = (small >> 1) ^ -(small & 1)
    found = np.cumsum(steps, axis=1, dtype=np.uint16).view(np.int16) / 8
    expected = np.stack([frame.persons[0].keypoints.xy.ravel() for frame in run], axis=1)
    assert abs(found - expected)[:, :2].max() <= 1 / 16 and (found[::2, 2] == -4096).all()
    assert unit_of(7680, 4320) > 1 / 8


# The command.


@pytest.fixture
def clip(tmp_path, monkeypatch):
    """A video of 320×180 and its document, in the current folder."""
    monkeypatch.chdir(tmp_path)
    numbered.steady(tmp_path / "a.mp4", 12)
    document_of(tmp_path / "a.mp4", tmp_path / "a.json")
    return tmp_path


@pytest.fixture
def view(clip, capsys):
    def view(*words):
        status = main(["view", *map(str, words)])
        return status, capsys.readouterr().err

    return view


def test_it_says_what_the_page_has(view, clip):
    status, said = view("a.json")
    assert (status, said.count("\n")) == (0, 1)
    assert "12 frames, 1 person, 1 doubtful stretch, a.mp4 inside -> view.html" in said
    page = (clip / "view.html").read_text()
    assert base64.b64encode((clip / "a.mp4").read_bytes()).decode() in page
    assert view("a.json", "--no-video", "-o", "b.html", "--with", "a.json")[1].count("0 stretches of disagreement") == 1
    assert 'id="video"' not in (clip / "b.html").read_text()
    assert "a.mp4 linked to" in view("a.json", "--embed-limit", 0.001)[1]


def test_a_video_that_does_not_belong_to_it(view, clip):
    numbered.write(clip / "other.mp4", [np.zeros((90, 320, 3), np.uint8)] * 12, size=(320, 90))
    numbered.steady(clip / "short.mp4", 2)
    document_of(clip / "a.mp4", clip / "long.json")
    made = json.loads((clip / "long.json").read_text())
    made["frames"][-1]["timestamp_ms"] = 60_000
    (clip / "long.json").write_text(json.dumps(made))
    for words, reason in (
        (("a.json", "--video", "other.mp4"), "other.mp4: is 320×90, and the document is of a video of 320×180"),
        (("long.json", "--video", "a.mp4"), "a.mp4: lasts 0.5 s, and the document goes on to 60.0 s"),
        (("a.json", "--video", "none.mp4"), "none.mp4"),
        (("a.json", "--video", "a.json"), "a.json"),
        (("a.json", "--no-video", "--video", "a.mp4"), "exclude each other"),
    ):
        try:
            status, said = view(*words)
        except SystemExit as exit:
            status, said = exit.code, reason
        assert status == 2 and reason in said and said.count("\n") <= 1, said
        assert not (clip / "view.html").exists()
    status, said = view("long.json")
    assert status == 0 and "the page has no video" in said and "no video -> view.html" in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda made: made["meta"].update(width=0), "not a posecore JSON document"),
        (lambda made: made.update(frames=[]), "has no frames"),
        (lambda made: made["frames"][3].update(timestamp_ms=0), "times go back"),
        (lambda made: made["frames"][3].update(timestamp_ms=2**40), "number or time cannot be"),
        (lambda made: made.pop("meta"), "not a posecore JSON document"),
    ],
)
def test_a_document_that_cannot_be_shown(view, clip, change, reason):
    made = json.loads((clip / "a.json").read_text())
    change(made)
    (clip / "bad.json").write_text(json.dumps(made))
    for words in (("bad.json",), ("a.json", "--with", "bad.json")):
        status, said = view(*words)
        assert status == 2 and said.count("\n") == 1 and "bad.json: " in said and reason in said
        assert not (clip / "view.html").exists()


def test_a_second_run_of_another_video(view, clip):
    with DocumentWriter(clip / "b.json", META) as writer:
        writer.write(FramePose(0, 0, ()))
    status, said = view("a.json", "--with", "b.json")
    assert status == 2 and "b.json: is of a video of 1080×1920, and a.json of one of 320×180" in said


def test_what_was_there_stays(view, clip):
    before = (clip / "a.json").read_bytes()
    assert view("a.json", "-o", "a.json")[0] == 2 and (clip / "a.json").read_bytes() == before
    (clip / "full").mkdir()
    status, said = view("a.json", "-o", "full")
    assert status == 2 and "full: is not an ordinary file" in said
    assert view("a.json", "-o", "a.mp4/view.html")[0] == 2


@pytest.mark.parametrize("source", ["a" * 5000 + ".mp4", "a\0.mp4", 7, "", "folder/"])
def test_a_name_that_no_video_can_have_is_no_video(tmp_path, source):
    path = write_people(tmp_path / "a.json", SEVERAL, source=source)
    assert write_view(path, tmp_path / "a.html").video == "no video"


def test_a_video_on_another_drive_is_linked_to_whole(tmp_path, monkeypatch):
    def elsewhere(*_):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(footage.os.path, "relpath", elsewhere)
    (tmp_path / "a b.mp4").touch()
    assert footage.to_footage(tmp_path / "a b.mp4", tmp_path / "a.html", 0).link == f"file://{tmp_path}/a%20b.mp4"
