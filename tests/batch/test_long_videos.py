"""Long videos of a batch: what their segments make together is what one run makes."""

import dataclasses
import itertools
import random
import shutil
import subprocess
import time
from itertools import pairwise

import numpy as np
import pytest
from batches import BROKEN, LITE, command, documents, here, leftovers, wait_for, workers_of
from media import decode, demux
from waiting import HANGS, running

from posecore.batch import long_videos, process_videos
from posecore.batch.manifest import Manifest, Record
from posecore.batch.task import Task
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import read_document
from posecore.overlay.colors import person_colors
from posecore.pipeline import draw_video
from posecore.similarity import iou
from posecore.tracking import Tracker
from posecore.video import VideoReader

PLAIN = dataclasses.replace(LITE, perf_text=False, crf=0)  # without loss: no key frame tells a seam
LEFT_HIP = KEYPOINT_NAMES.index("left_hip")
UNDRAWN = dataclasses.replace(PLAIN, line_width=0, radius=0)  # after a seam keypoints are not quite those of one run


class Spy:
    """A runner without processes that knows what it did; it is interrupted after so many tasks."""

    def __init__(self, tasks=None):
        self.did, self._tasks = [], tasks

    def __call__(self, queue, options, progress):
        for task, record in here(queue, options, progress):
            self.did.append(type(task).__name__)
            yield task, record
            if len(self.did) == self._tasks:
                raise KeyboardInterrupt


def cut(source, out, seconds, options=PLAIN, **more):
    """What a batch with segments of so many seconds does: its result and the kinds of its tasks."""
    spy = Spy()
    result = process_videos(str(source), out, options, run=spy, segment_minutes=seconds / 60, **more)
    assert not (out / long_videos.FOLDER).exists() and not leftovers(out)
    return result, spy.did


def pictures(path):
    with VideoReader(path) as video:
        return [frame.small(256).astype(int) for frame in video]


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])  # the second one reorders frames
def test_cut_and_joined_it_is_what_one_run_gives(made, tmp_path, preset):
    """She is 570 pixels high and walks fast, the picture changes by 11 levels and more from one frame to the next."""
    check_joined(made / "one_person.mp4", tmp_path, preset, levels=5, pixels=2)


@pytest.mark.slow
def test_a_real_video_cut_and_joined_is_what_one_run_gives(videos, tmp_path):
    check_joined(videos / "pose_squats.mp4", tmp_path, "veryfast", levels=1, pixels=1)


def check_joined(source, tmp_path, preset, levels, pixels):
    """65 frames in 13 s; six segments, which have up to 4 s to warm up on.

    levels, pixels: by which pictures may differ on average, and keypoints in the median.
    """
    options = dataclasses.replace(PLAIN, preset=preset)
    whole = process_videos(str(source), tmp_path / "1", options, run=here)
    parts, did = cut(source, tmp_path / "6", 2.4, options)
    assert did == ["SegmentTask"] * 6 + ["JoinTask"]
    (one,), (six,) = whole.done, parts.done
    assert (six.frames, six.person_share, six.outputs) == (one.frames, one.person_share, one.outputs)
    assert six.seconds > 0

    old, new = tmp_path / "1" / source.stem, tmp_path / "6" / source.stem
    assert demux(old.with_suffix(".mp4")) == demux(new.with_suffix(".mp4"))
    images = zip(pictures(old.with_suffix(".mp4")), pictures(new.with_suffix(".mp4")), strict=True)
    differences = [np.abs(a - b).mean() for a, b in images]
    assert not any(differences[:12]) and max(differences) < levels
    (meta, poses), (joined, found) = (read_document(path.with_suffix(".json")) for path in (old, new))
    assert joined == meta and joined["frame_count"] == 65
    assert [(frame.index, frame.timestamp_ms) for frame in found] == [(f.index, f.timestamp_ms) for f in poses]
    distances = [
        np.linalg.norm(a.persons[0].keypoints.xy - b.persons[0].keypoints.xy, axis=1)
        for a, b in zip(poses, found, strict=True)
    ]
    print(f"{np.median(distances[12:]):.2f} px median, {max(differences):.2f} levels after the first seam")
    assert 0 < np.median(distances[12:]) < pixels
    assert not np.any(distances[:12])


@pytest.mark.parametrize("name", ["phone.mp4", "mp3.mp4", "transparent.webm", "wide_pixels.mp4", "variable_rate.mp4"])
def test_times_and_sound_stay(made, tmp_path, monkeypatch, name):
    check_times_and_sound(made / name, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rotate-buck-bunny.mp4", "doc_example3.mp4", "transparent.webm", "sar_2x1.mp4"])
def test_times_and_sound_of_real_videos_stay(videos, tmp_path, monkeypatch, name):
    check_times_and_sound(videos / name, tmp_path, monkeypatch)


def check_times_and_sound(source, tmp_path, monkeypatch):
    monkeypatch.setattr("posecore.video.segment.WARM_UP_MS", 200)
    process_videos(str(source), tmp_path / "1", UNDRAWN, run=here, json=False)
    _, did = cut(source, tmp_path / "2", 1.1, UNDRAWN, json=False)
    assert did[-1] == "JoinTask" and len(did) > 2
    one, two = ((tmp_path / folder / source.name).with_suffix(".mp4") for folder in "12")
    assert demux(one) == demux(two)
    for a, b in zip(pictures(one), pictures(two), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("json", [True, False])
def test_who_is_followed_keeps_the_id_and_the_colour_over_seams(made, tmp_path, monkeypatch, json):
    """Two people side by side; each segment counts ids from another number, so none is right by chance."""
    trackers = itertools.count()
    begin = Tracker.__init__

    def from_another_number(self, *arguments, **more):
        begin(self, *arguments, **more)
        self._next_id += 10 * next(trackers)

    monkeypatch.setattr(Tracker, "__init__", from_another_number)
    source, options = made / "two_people.mp4", dataclasses.replace(PLAIN, people=0)
    _, did = cut(source, tmp_path, 0.7, options, json=json)
    assert did == ["SegmentTask"] * 3 + ["JoinTask"]
    output, document = tmp_path / "two_people.mp4", tmp_path / "two_people.json"
    assert document.exists() == json and demux(output)[0].times == demux(source)[0].times
    if not json:
        return
    meta, frames = read_document(document)
    assert meta["frame_count"] == 24 and [frame.index for frame in frames] == list(range(24))
    assert {person.track_id for frame in frames for person in frame.persons} == {1, 2}
    for before, after in pairwise(frames):
        for person in after.persons:
            same = [other for other in before.persons if iou(person.box[None], other.box)[0] > 0.5]
            assert [other.track_id for other in same] == [person.track_id] * len(same), after.index
    seen = []
    for frame, picture in zip(frames, decode(output, *range(24)), strict=True):
        for person in frame.persons:
            x, y = person.keypoints.xy[LEFT_HIP].astype(int)
            if person.keypoints.score[LEFT_HIP] >= options.min_score:
                away = {i: np.abs(picture[y, x] - np.array(person_colors(i).of(LEFT_HIP))).sum() for i in (1, 2)}
                seen.append(min(away, key=away.get) == person.track_id)
    assert len(seen) > 24 and np.mean(seen) > 0.9  # an arm may hide a hip


def test_a_stretch_with_people_is_cut_and_joined_too(made, tmp_path):
    options = dataclasses.replace(PLAIN, people=0, start=0.4, end=1.8)
    _, did = cut(made / "two_people.mp4", tmp_path, 0.5, options)
    assert did == ["SegmentTask"] * 3 + ["JoinTask"]
    meta, frames = read_document(tmp_path / "two_people.json")
    assert meta["source_start_ms"] == 417 and [f.timestamp_ms for f in frames[:3]] == [0, 83, 166]
    assert {person.track_id for frame in frames for person in frame.persons} == {1, 2}
    times = demux(tmp_path / "two_people.mp4")[0].times
    assert len(times) == len(frames) == 17 and times[0] == 0


@pytest.mark.parametrize(("name", "start", "end"), [("one_person.mp4", 3.1, 9.9), ("phone.mp4", 0.55, None)])
def test_a_stretch_cut_and_joined_is_that_of_one_run(made, tmp_path, monkeypatch, name, start, end):
    """Documents with times from 0 and times of the source, pictures, sound."""
    monkeypatch.setattr("posecore.video.segment.WARM_UP_MS", 1000)
    for keep_time in (False, True):
        options = dataclasses.replace(UNDRAWN, start=start, end=end, keep_time=keep_time)
        one, two = tmp_path / f"one{keep_time}", tmp_path / f"two{keep_time}"
        process_videos(str(made / name), one, options, run=here)
        _, did = cut(made / name, two, 0.4 if end is None else 2, options)
        assert did == ["SegmentTask"] * 4 + ["JoinTask"]
        (meta, poses), (joined, found) = (read_document((out / name).with_suffix(".json")) for out in (one, two))
        assert joined == meta and ("source_start_ms" in meta) is not keep_time
        assert [(f.index, f.timestamp_ms) for f in found] == [(f.index, f.timestamp_ms) for f in poses]
        assert demux((one / name).with_suffix(".mp4")) == demux((two / name).with_suffix(".mp4"))
        images = zip(*(pictures((out / name).with_suffix(".mp4")) for out in (one, two)), strict=True)
        assert all((a == b).all() for a, b in images)


def test_a_style_that_needs_frames_around_a_frame_has_them_over_seams(made, tmp_path):
    source, options = made / "two_people.mp4", dataclasses.replace(PLAIN, trail=1, background="blur-faces")
    _, did = cut(source, tmp_path, 0.7, options)
    assert did == ["SegmentTask"] * 3 + ["JoinTask"]
    joined, drawn = tmp_path / "two_people.mp4", tmp_path / "drawn.mp4"
    draw_video(source, joined.with_suffix(".json"), drawn, options)
    for one, other in zip(decode(joined, *range(24)), decode(drawn, *range(24)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_damaged_video_is_done_whole(made, tmp_path):
    whole = process_videos(str(made / "damaged.mp4"), tmp_path / "1", PLAIN, run=here)
    parts, did = cut(made / "damaged.mp4", tmp_path / "2", 1.1)
    assert did[-1] == "Task" and "SegmentTask" in did
    assert parts.done[0].warnings == whole.done[0].warnings != ()
    assert documents(tmp_path / "1") == documents(tmp_path / "2")


def test_a_video_whose_segments_do_not_fit_together_is_done_whole(made, tmp_path, monkeypatch):
    """Its index is wrong: whoever searches for a place arrives two frames late."""
    process_videos(str(made / "one_person.mp4"), tmp_path / "1", PLAIN, run=here)
    since = VideoReader.since
    monkeypatch.setattr("posecore.video.segment.WARM_UP_MS", 0)
    monkeypatch.setattr(VideoReader, "since", lambda self, start: since(self, start + 400 * (start > 0)))
    parts, did = cut(made / "one_person.mp4", tmp_path / "2", 5)
    assert did == ["SegmentTask"] * 3 + ["JoinTask", "Task"] and not parts.failed
    assert documents(tmp_path / "1") == documents(tmp_path / "2")


def test_segments_that_are_done_are_not_done_again(made, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(made / "one_person.mp4", folder)
    with pytest.raises(KeyboardInterrupt):
        process_videos(str(folder), tmp_path / "out", PLAIN, run=Spy(4), segment_minutes=0.04, video=False)
    assert not Manifest(tmp_path / "out").records and not list((tmp_path / "out").glob("*.json"))
    result, did = cut(folder, tmp_path / "out", 2.4, video=False)
    assert did == ["SegmentTask"] * 2 + ["JoinTask"] and result.done[0].frames == 65
    assert cut(folder, tmp_path / "out", 2.4, video=False)[1] == []
    assert len(cut(folder, tmp_path / "out", 5, video=False)[1]) == 4  # another option


@pytest.mark.slow
def test_workers_may_be_killed(clips, expected, tmp_path):
    """All clips cut, into two and more segments; where all of them warm up from the start nothing may differ."""
    rng = random.Random(0)
    line = command(clips, tmp_path, "--segment-minutes", "0.006")
    with running(line, stderr=subprocess.PIPE, text=True) as process:
        for number in range(3):
            wait_for(tmp_path, 10 * number + rng.randrange(1, 10))
            time.sleep(rng.uniform(0, 0.1))
            rng.choice(workers_of(process)).kill()
        _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 3 and "37 videos done" in said and "Traceback" not in said, said
    made = documents(tmp_path)
    assert len(read_document(tmp_path / "sub" / "whole.json")[1]) == 160
    assert made.pop("sub/whole") != expected["sub/whole"]  # longer than the warm-up
    assert made == {name: content for name, content in expected.items() if name != "sub/whole"}
    assert not leftovers(tmp_path)
    assert {name for name, record in Manifest(tmp_path).records.items() if record.error} == BROKEN
    assert not (tmp_path / long_videos.FOLDER).exists()


def test_a_length_that_cannot_be_is_not_believed(tmp_path, tiny_video, monkeypatch):
    """A header can promise a million years."""
    task = Task(str(tiny_video), None, str(tmp_path / "a.json"), Record("a", str(tiny_video), 1, "", "", ()))
    for years, segments in ((1 / 365, 1440), (1_000_000, 1)):
        monkeypatch.setattr("posecore.video.promised_ms", lambda _, years=years: round(years * 365 * 86_400_000))
        assert len(long_videos.LongVideos(tmp_path, 1).queue([task])) == segments
