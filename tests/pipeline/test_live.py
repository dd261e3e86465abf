"""Live runs as a whole: what is written agrees, drops add up, latency is bounded by the work of a frame."""

import io
import json
import threading
import time
from datetime import datetime
from functools import partial
from itertools import pairwise

import pytest
from live_runs import LITE, PIECES, RATE, Slow, opened, run
from media import demux
from streams import levels, mpegts, send
from waiting import HANGS

from posecore.formats import read_document
from posecore.pipeline import live, process_live
from posecore.video import live_decoder


def test_drops_add_up_and_what_is_written_agrees(slow, tmp_path):
    """120 frames in 2 s for a network that takes 50 ms: each is looked at or counted, in order, at its time."""
    slow(0.05)
    video, lines = tmp_path / "out.mkv", tmp_path / "out.jsonl"
    summary = run(lambda write, _: send(PIECES, write, RATE, until=120), video, lines)
    dropped = dict(summary.dropped)
    assert summary.frames + sum(dropped.values()) == 120 and dropped["damaged"] == 0
    assert dropped["busy"] >= 10
    _, frames = read_document(lines)
    assert len(frames) == summary.frames
    assert frames[0].index == 0 and frames[0].timestamp_ms == 0
    assert all(b.index > a.index and b.timestamp_ms > a.timestamp_ms for a, b in pairwise(frames))
    assert all(frame.timestamp_ms == round(1000 * frame.index / RATE) for frame in frames)
    track, _ = demux(video)
    assert track.times == pytest.approx([frame.timestamp_ms / 1000 for frame in frames], abs=0.002)


def test_latency_is_bounded_by_the_work_of_a_frame(slow):
    """In a queue the last of 90 frames would be late by 60 of them, 3 s and more."""
    slow(0.05)
    summary = run(lambda write, _: send(PIECES, write, RATE, until=90), json=io.StringIO())
    assert summary.inference_ms[0] <= summary.latency_ms[0] <= 4 * summary.inference_ms[0]


def test_a_step_of_the_clock_on_the_wall_changes_the_wall_time_alone(slow, monkeypatch):
    """Every look at it is an hour and more away from the one before."""
    slow(0)
    looks = []

    class Stepping(datetime):
        @classmethod
        def now(cls, tz=None):
            looks.append(1)
            return datetime.fromtimestamp(1.7e9 + 3600 * (-1) ** len(looks) * len(looks), tz)

    monkeypatch.setattr(live_decoder, "datetime", Stepping)
    lines = io.StringIO()
    summary = run(lambda write, _: send(PIECES, write, RATE, until=40), json=lines)
    frames = [json.loads(line) for line in lines.getvalue().splitlines()[1:]]
    assert len({frame["received_at"][:13] for frame in frames}) == len(frames) == summary.frames > 1
    assert all(b["timestamp_ms"] > a["timestamp_ms"] for a, b in pairwise(frames))
    assert 0 < summary.latency_ms[0] <= summary.latency_ms[1] < 1000 * HANGS


def test_a_slow_record_holds_the_network_up_and_not_the_keypoints_back(slow, monkeypatch):
    """Drawing that takes 100 ms: frames are dropped before the network, none waits behind it for more than one."""
    slow(0)
    drawn = live.drawn
    monkeypatch.setattr(live, "drawn", lambda *given: time.sleep(0.1) or drawn(*given))
    shown = []

    class Window:
        closed = False

        def show(self, picture):
            shown.append(picture)

    lines = io.StringIO()
    summary = run(lambda write, _: send(PIECES, write, RATE, until=120), json=lines, window=Window())
    assert len(shown) == summary.frames == lines.getvalue().count("\n") - 1
    assert dict(summary.dropped)["busy"] > summary.frames
    assert summary.latency_ms[1] < 1000


def test_after_a_break_everyone_has_another_id_and_the_record_says_so(slow, tmp_path):
    slow(0)
    lines = tmp_path / "out.jsonl"

    stop = threading.Event()

    def serve(write, number):
        if number < 2:
            send(PIECES, write, RATE, until=40)
        else:
            stop.set()

    summary = run(serve, json=lines, source={"retry": 20, "stop": stop})
    meta, frames = read_document(lines)
    (event,) = meta["events"]
    assert event["event"] == "reconnected" and event["cause"] == "it ended" and summary.breaks == 1
    ids = [frame.persons[0].track_id for frame in frames]
    assert ids == sorted(ids) and set(ids) == {1, 2} and Slow.opened == 2
    kinds = ["event" if "event" in line else "frame" for line in map(json.loads, lines.read_text().splitlines()[1:])]
    assert kinds.index("event") == ids.index(2)
    gap = frames[ids.index(2)].timestamp_ms - frames[ids.index(2) - 1].timestamp_ms
    assert gap >= 1000 * event["after_s"] - 1 > 200  # more where a frame beside it was dropped


def test_another_size_keeps_the_size_of_the_record(slow, tmp_path):
    slow(0)
    large = mpegts(levels((96, 96)), RATE)

    def serve(write, _):
        send(PIECES, write, RATE, until=50)
        send(large, write, RATE, until=50)

    video, lines = tmp_path / "out.ts", tmp_path / "out.jsonl"
    run(serve, video, lines)
    meta, _ = read_document(lines)
    assert meta["events"] == [{"event": "resized", "at": meta["events"][0]["at"], "width": 96, "height": 96}]
    assert (meta["width"], meta["height"]) == (64, 48)


def _sends_and_stays(until, write, number):
    send(PIECES, write, RATE, until=until)
    time.sleep(5)


def test_it_ends_after_a_while_even_where_nothing_comes(slow, tmp_path):
    slow(0)
    for until in (None, 40):
        lines = tmp_path / f"{until}.jsonl"
        serve = partial(_sends_and_stays, until)
        run(serve, json=lines, duration=0.5)
        _, frames = read_document(lines)
        assert frames[-1].timestamp_ms < 500


def test_a_file_is_done_to_its_last_frame(slow, tmp_path):
    slow(0.02)
    path = tmp_path / "file.ts"
    path.write_bytes(b"".join(PIECES))
    lines = tmp_path / "out.jsonl"
    with opened(path) as source:
        summary = process_live(source, None, lines, LITE)
    assert summary.frames == 40 and sum(dict(summary.dropped).values()) == 0 and summary.latency_ms is None
    assert "latency" not in str(summary) and "none dropped" in str(summary)
    assert [frame.index for frame in read_document(lines)[1]] == list(range(40))


def test_what_was_recorded_stays_when_something_fails(slow, tmp_path, monkeypatch):
    slow(0)
    calls = []

    def fail(self, frame):
        calls.append(frame)
        if len(calls) == 20:
            raise ValueError("no more")
        return []

    monkeypatch.setattr(Slow, "__call__", fail)
    video, lines = tmp_path / "out.mkv", tmp_path / "out.jsonl"
    with pytest.raises(ValueError, match="no more"):
        run(lambda write, _: send(PIECES, write, RATE), video, lines)
    assert len(read_document(lines)[1]) == 19
    assert 17 <= len(demux(video)[0].times) <= 19


def test_a_source_that_cannot_be_opened_leaves_the_old_record(slow, tmp_path):
    lines = tmp_path / "out.jsonl"
    lines.write_text("old")
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "absent.ts")
    assert lines.read_text() == "old"
