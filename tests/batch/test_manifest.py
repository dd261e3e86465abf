import json
from dataclasses import asdict, replace

import pytest

from posecore.batch.manifest import MANIFEST, Manifest, Record, locked
from posecore.files import valid_text

ONE = Record("a", "/in/a.mp4", 5, "1", "f00", ("a.mp4", "a.json"), 12, 0.5, 1.25, "openvino", ("a.mp4: damaged",))


def test_what_is_added_is_read_again(tmp_path):
    failed = replace(ONE, name="b", outputs=(), error="b.mp4: is empty")
    manifest = Manifest(tmp_path)
    manifest.add(ONE)
    manifest.add(failed)
    assert Manifest(tmp_path).records == {"a": ONE, "b": failed}


@pytest.mark.parametrize("name", ["a\nb", "a\u2028b\x85c", "caf\udce9", "走 \U0001f3c3"])
def test_any_name_that_a_file_can_have(tmp_path, name):
    Manifest(tmp_path).add(replace(ONE, name=name, input=f"/in/{name}.mp4"))
    (record,) = Manifest(tmp_path).records.values()
    assert record.name == valid_text(name) and len((tmp_path / MANIFEST).read_bytes().splitlines()) == 1


def test_the_last_line_of_a_name_counts(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.add(ONE)
    manifest.add(replace(ONE, options="ba2"))
    assert Manifest(tmp_path).records["a"].options == "ba2"


def test_wherever_a_line_is_torn_the_others_are_read(tmp_path):
    Manifest(tmp_path).add(ONE)
    line = (tmp_path / MANIFEST).read_bytes()
    for length in range(1, len(line)):
        (tmp_path / MANIFEST).write_bytes(line.replace(b'"a"', b'"b"') + line[:length])
        Manifest(tmp_path).add(replace(ONE, name="c"))
        assert {"b", "c"} <= set(Manifest(tmp_path).records) <= {"a", "b", "c"}


def test_lines_of_something_else_are_passed_over(tmp_path):
    (tmp_path / MANIFEST).write_bytes(b'{}\n[1]\n"text"\n\xff\xfe\n{"name": "a"}\n')
    assert Manifest(tmp_path).records == {}


@pytest.mark.parametrize("change", [{"name": {}}, {"outputs": "a"}, {"outputs": [1]}, {"size": "5"}, {"error": 1}])
def test_a_line_with_a_value_of_another_kind_is_passed_over(tmp_path, change):
    lines = [json.dumps(asdict(record) | more) for record, more in ((ONE, change), (replace(ONE, name="b"), {}))]
    (tmp_path / MANIFEST).write_text("\n".join(lines) + "\n")
    assert list(Manifest(tmp_path).records) == ["b"]


def test_one_batch_at_a_time(tmp_path):
    with locked(tmp_path):
        with pytest.raises(ValueError, match="another batch is at work there"), locked(tmp_path):
            pass
    with locked(tmp_path):
        pass
