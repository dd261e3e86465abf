"""JSON Lines: what a live run writes, and everything that reads our JSON reads."""

import io
import json
import threading
import warnings
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import numpy as np
import pytest
from documents import META, SCHEMA, person
from waiting import HANGS

from posecore.errors import Note
from posecore.formats import (
    DocumentWriter,
    LiveWriter,
    change_document,
    export_document,
    live_writer,
    read_document,
)
from posecore.pose import FramePose

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, timezone(timedelta(hours=1)))
EVENT = {"event": "reconnected", "at": AT.isoformat(), "cause": "it ended", "after_s": 1.5}
FRAMES = [FramePose(n, 40 * n, () if n == 1 else (person(n),), AT + timedelta(milliseconds=40 * n)) for n in range(5)]


def write(to, everyone=True):
    with LiveWriter(to, META, everyone=everyone, convention="as it is") as record:
        for number, frame in enumerate(FRAMES):
            if number == 3:
                record.event(EVENT)
            record.write(frame)


@pytest.fixture
def record(tmp_path):
    write(tmp_path / "live.jsonl")
    return tmp_path / "live.jsonl"


def checker(name):
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def test_every_line_is_one_of_the_schema(record):
    head, *rest = map(json.loads, record.read_text().splitlines())
    checker("head").validate(head)
    for line in rest:
        checker("event" if "event" in line else "frame").validate(line)
    assert [line.get("event") for line in rest] == [None] * 3 + ["reconnected"] + [None] * 2
    assert rest[0]["received_at"] == "2026-03-01T12:00:00.250+01:00"


@pytest.mark.parametrize("everyone", [True, False])
def test_it_is_read_as_a_document_with_the_events_in_its_meta(tmp_path, everyone):
    write(tmp_path / "live.jsonl", everyone)
    with DocumentWriter(tmp_path / "same.json", META, everyone, "as it is") as document:
        for frame in FRAMES:
            document.write(frame)
    meta, frames = read_document(tmp_path / "live.jsonl")
    same, expected = read_document(tmp_path / "same.json")
    assert meta == same | {"events": [EVENT]}
    assert [(f.index, f.timestamp_ms, f.received_at, len(f.persons)) for f in frames] == [
        (f.index, f.timestamp_ms, f.received_at, len(f.persons)) for f in expected
    ]
    assert [f.received_at for f in frames] == [f.received_at for f in FRAMES]
    np.testing.assert_array_equal(frames[4].persons[0].keypoints.xy, expected[4].persons[0].keypoints.xy)


def test_the_name_says_nothing_the_content_does(record, tmp_path):
    other = record.rename(tmp_path / "live.txt")
    assert len(read_document(other)[1]) == 5
    write_one_line = tmp_path / "document.jsonl"
    head, *rest = map(json.loads, other.read_text().splitlines())
    document = head | {"frames": [line for line in rest if "event" not in line]}
    write_one_line.write_text(json.dumps(document))
    assert len(read_document(write_one_line)[1]) == 5


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_document_of_it_keeps_what_was_said(record, tmp_path, suffix):
    """By its suffix it is JSON Lines or not; only its frames and what was received when matter."""
    out = tmp_path / f"out{suffix}"
    change_document(record, out, lambda meta, frames: (meta, frames), "nothing")
    meta, frames = read_document(out)
    assert meta["events"] == [EVENT] and meta["history"] == ["nothing"] and meta["frame_count"] == 5
    assert [f.received_at for f in frames] == [f.received_at for f in FRAMES]
    text = out.read_text()
    if suffix == ".jsonl":
        lines = [json.loads(line) for line in text.splitlines()]
        assert "meta" in lines[0] and [line["frame_index"] for line in lines[1:]] == list(range(5))
    else:
        jsonschema.validate(json.loads(text), SCHEMA)


def test_it_is_exported(record, tmp_path):
    export_document(record, "mot", tmp_path / "out.txt")
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 4


@pytest.mark.parametrize("torn", [b'{"frame_index": 5, "time', b"\0" * 4096, b'{"frame_index": 5\xff\xfe'])
def test_a_last_line_that_is_torn_is_left_out_with_a_note(record, torn):
    with record.open("ab") as file:
        file.write(torn)
    with pytest.warns(Note, match=r"live\.jsonl: line 8, the last, is torn and was left out"):
        assert len(read_document(record)[1]) == 5


def test_at_every_length_it_is_read_or_refused_by_name(record):
    """As the power may leave it: never anything but whole frames."""
    data, path = record.read_bytes(), record.with_name("cut.jsonl")
    ends = [number for number, byte in enumerate(data) if byte == ord("\n")]
    for length in (0, 10, ends[0], ends[1] - 1, ends[1], ends[1] + 1, ends[3] + 9, ends[4] + 1, len(data) - 2):
        path.write_bytes(data[:length])
        whole = sum(b"frame_index" in line for line in data[:length].split(b"\n")[:-1])
        complete = length in ends and b"frame_index" in data[:length].split(b"\n")[-1]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Note)
            if whole + complete:
                assert len(read_document(path)[1]) == whole + complete
            else:
                with pytest.raises(ValueError, match=r"cut\.jsonl: not a posecore JSON document"):
                    read_document(path)


def test_damage_elsewhere_is_refused(record):
    lines = record.read_text().splitlines(keepends=True)
    for broken in ([*lines[:2], "{torn\n", *lines[2:]], [lines[0], '{"some": "thing"}\n', *lines[1:]]):
        record.write_text("".join(broken))
        with pytest.raises(ValueError, match=r"live\.jsonl: not a posecore JSON document"):
            read_document(record)


class Counting(io.StringIO):
    flushed = 0

    def flush(self):
        self.flushed = self.getvalue().count("\n")
        super().flush()


def test_every_line_of_a_stream_is_flushed_and_the_stream_stays_open():
    stream = Counting()
    record = LiveWriter(stream, META)
    for number, frame in enumerate(FRAMES, 2):
        record.write(frame)
        assert stream.flushed == number
    record.close()
    assert not stream.closed


def test_a_file_is_read_while_it_is_written(tmp_path):
    path = tmp_path / "new" / "live.jsonl"
    with LiveWriter(path, META) as record:
        for number, frame in enumerate(FRAMES, 1):
            record.write(frame)
            assert len(read_document(path)[1]) == number


def test_the_zone_may_be_utc(tmp_path):
    with LiveWriter(tmp_path / "a.jsonl", META) as record:
        record.write(FramePose(0, 0, (), datetime(2026, 1, 1, tzinfo=UTC)))
    assert read_document(tmp_path / "a.jsonl")[1][0].received_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_disk_that_cannot_be_told_to_keep_is_no_obstacle(tmp_path, monkeypatch):
    """Such as a pipe; and a writer that is closed at the moment at which it does."""
    told = threading.Event()

    def refuse(descriptor):
        told.set()
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(live_writer, "SYNCED", 0.001)
    monkeypatch.setattr(live_writer.os, "fsync", refuse)
    with LiveWriter(tmp_path / "a.jsonl", META) as writer:
        assert told.wait(HANGS)
        writer.write(FramePose(0, 0, ()))
    assert len(read_document(tmp_path / "a.jsonl")[1]) == 1
