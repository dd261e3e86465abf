import os

import pytest

from posecore.evaluation.run_files import PartialRun

SETTINGS = {"model": {"name": "lite"}}
HEAD, RECORD = b'{"model": {"name": "lite"}}\n', b'{"image_id": 1, "results": [{"score": 1}], "ms": 2.5}\n'


def read(folder, content):
    (folder / "r.json.partial.jsonl").write_bytes(content)
    with PartialRun(folder / "r.json", SETTINGS) as done:
        return done.records


def test_what_an_interrupted_run_has_done_is_read(tmp_path):
    assert read(tmp_path, HEAD + RECORD + RECORD[:9]) == {1: {"results": [{"score": 1}], "ms": 2.5}}


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"\xff\n",
        b"[]\n" * 2,
        b"[" * 100_000 + b"\n",
        HEAD + RECORD.replace(b"1,", b"[1],", 1),
        HEAD + RECORD.replace(b"2.5", b"null"),
        HEAD + RECORD.replace(b'{"score": 1}', b"1"),
        HEAD + b"{}\n",
    ],
)
def test_what_is_no_partial_run_is_refused_and_kept(tmp_path, content):
    with pytest.raises(ValueError, match=r"r\.json\.partial\.jsonl: .*delete "):
        read(tmp_path, content)
    assert (tmp_path / "r.json.partial.jsonl").read_bytes() == content


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")
def test_a_full_disk_is_told_once(tmp_path):
    """Not again when the file is closed."""
    with pytest.raises(OSError, match=r"r\.json\.partial\.jsonl: cannot be written \(No space left on device\)"):
        with PartialRun(tmp_path / "r.json", {"model": {"name": "lite"}}) as done:
            done._file.close()
            done._file = open("/dev/full", "a")  # noqa: SIM115
            done.add(1, {"results": [], "ms": 1.0})
