"""Live, the network looks at every n-th frame: the others are written too, with what it saw last, and cost little."""

import io
import json
import threading
from dataclasses import replace

import jsonschema
import pytest
from live_runs import LITE, PIECES, RATE, Slow, opened, run
from media import demux
from streams import levels, mpegts, send
from test_process import SCHEMA

from posecore.formats import read_document
from posecore.pipeline import process_live
from posecore.tracking import LONGEST_MS
from posecore.video import Frame


def of_file(folder, pieces=PIECES, video=None, **options):
    """Summary, meta and frames of a live run on a file, of which nothing is dropped."""
    (folder / "clip.ts").write_bytes(b"".join(pieces))
    with opened(folder / "clip.ts") as source:
        summary = process_live(source, video, folder / "out.jsonl", replace(LITE, **options))
    return summary, *read_document(folder / "out.jsonl")


def looks_in(frames):
    return [frame.index for frame in frames if not frame.interpolated]


def test_every_third_frame_is_looked_at_and_held_until_the_next(slow, tmp_path, monkeypatch):
    """40 frames; what nobody looks at is never converted, and the last one is not known to be the last."""
    slow(0)
    converted, small = [], Frame.small
    monkeypatch.setattr(Frame, "small", lambda self, side: converted.append(self.index) or small(self, side))
    summary, meta, frames = of_file(tmp_path, every=3)
    assert looks_in(frames) == converted == list(range(0, 40, 3)) and meta["every"] == 3
    assert [frame.index for frame in frames] == list(range(40))
    assert [frame.persons[0].keypoints.xy[0, 0] for frame in frames] == [n // 3 * 3 for n in range(40)]
    assert summary.looked_at == 14 and "40 frames (14 looked at), 100.0% with a person" in str(summary)
    for line in (tmp_path / "out.jsonl").read_text().splitlines()[1:]:
        frame = json.loads(line)
        assert frame.get("interpolated") is (True if frame["frame_index"] % 3 else None) and "received_at" in frame
        jsonschema.validate(frame, SCHEMA["$defs"]["frame"] | {"$defs": SCHEMA["$defs"]})


def test_so_often_by_the_clock_of_the_stream(slow, tmp_path):
    slow(0)
    _, meta, frames = of_file(tmp_path, max_rate=10)
    assert looks_in(frames) == list(range(0, 40, RATE // 10)) and meta["max_rate"] == 10


def test_sparse_leaves_out_what_was_not_looked_at(slow, tmp_path):
    """But not out of the record."""
    slow(0)
    summary, meta, frames = of_file(tmp_path, video=tmp_path / "out.mkv", every=7, sparse=True)
    assert [frame.index for frame in frames] == looks_in(frames) == list(range(0, 40, 7)) and meta["sparse"]
    assert summary.frames == 40 == len(demux(tmp_path / "out.mkv")[0].times)


def test_nobody_is_held_for_longer_than_that_is_no_guess(slow, tmp_path):
    """Ten frames a second, the network looks every two seconds."""
    slow(0)
    summary, _, frames = of_file(tmp_path, mpegts(levels(), 10), every=20)
    with_somebody = [frame.index for frame in frames if frame.persons]
    assert with_somebody == [*range(LONGEST_MS // 100 + 1), *range(20, 20 + LONGEST_MS // 100 + 1)]
    assert summary.frames_with_person == len(with_somebody)


def test_who_is_lost_is_gone_with_the_look_that_misses_them(slow, tmp_path, monkeypatch):
    slow(0)
    call = Slow.__call__
    monkeypatch.setattr(Slow, "__call__", lambda self, frame: [] if frame.index == 6 else call(self, frame))
    _, _, frames = of_file(tmp_path, every=3)
    assert [frame.index for frame in frames if not frame.persons] == [6, 7, 8]


def test_nobody_is_held_over_a_break(slow, tmp_path):
    """Every hundredth frame would be the first only: the one after the break is looked at too."""
    slow(0)
    lines, stop = tmp_path / "out.jsonl", threading.Event()

    def serve(write, number):
        if number < 2:
            send(PIECES, write, RATE, until=40)
        else:
            stop.set()

    run(serve, json=lines, source={"retry": 20, "stop": stop}, options=replace(LITE, every=100))
    records = [json.loads(line) for line in lines.read_text().splitlines()[1:]]
    after = next(number for number, record in enumerate(records) if "event" in record)
    looked = [number for number, record in enumerate(records) if "interpolated" not in record]
    assert looked == [0, after, after + 1]
    ids = [record["persons"][0]["track_id"] for record in records if "event" not in record]
    assert ids == [1] * after + [2] * (len(ids) - after)


def test_while_the_network_looks_the_frames_that_it_need_not_look_at_wait(slow, tmp_path, monkeypatch):
    """A network as slow as a look every third frame allows: all that come meanwhile are there, none is dropped."""
    slow(0)
    come, gone = threading.Semaphore(0), threading.Semaphore(0)  # the two after a look; all three
    call = Slow.__call__
    monkeypatch.setattr(Slow, "__call__", lambda self, frame: come.acquire() and call(self, frame))
    (tmp_path / "clip.ts").write_bytes(b"".join(PIECES[:39]))
    lines = io.StringIO()

    class Window:
        closed, shown = False, 0

        def show(self, picture):
            self.shown += 1
            if self.shown % 3 == 0:
                gone.release()

    with opened(tmp_path / "clip.ts") as source:
        source.lossless, arrivals = False, source.arrivals

        def paced():
            for arrival in arrivals():
                if arrival.frame.index and arrival.frame.index % 3 == 0:
                    come.release()
                    gone.acquire()
                yield arrival
            come.release()

        source.arrivals = paced
        summary = process_live(source, None, lines, replace(LITE, every=3), window=Window())
    assert (summary.frames, summary.looked_at) == (39, 13) and sum(dict(summary.dropped).values()) == 0
    assert lines.getvalue().count("\n") == 40


@pytest.mark.parametrize("seconds", [0, 0.05])
def test_what_is_held_is_not_dropped_and_drops_add_up(slow, seconds):
    """120 frames in 2 s, every second one is for the network, which has 33 ms for it."""
    slow(seconds)
    lines = io.StringIO()
    options = replace(LITE, every=2)
    summary = run(lambda write, _: send(PIECES, write, RATE, until=120), json=lines, options=options)
    assert summary.frames + sum(dict(summary.dropped).values()) == 120
    assert lines.getvalue().count('"interpolated"') == summary.frames - summary.looked_at > 0
    assert summary.latency_ms and summary.latency_ms[0] >= 1000 * seconds
