import io
import zipfile

import pytest

from posecore.models import members
from posecore.models.members import read_members


def packed(compression=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        archive.writestr("a.tflite", b"network " * 100)
    return content.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read(tmp_path, compression):
    (tmp_path / "a.task").write_bytes(packed(compression))
    assert read_members(tmp_path / "a.task", ["a.tflite"]) == [b"network " * 100]


DAMAGE = {
    "empty": lambda c: b"",
    "no zip": lambda c: b"x" * 100,
    "cut in the middle": lambda c: c[:300] + c[400:],  # the member would begin before the file
    "another checksum": lambda c: c.replace(b"network", b"networx", 1),
    "an unknown compression": lambda c: c[: c.index(b"PK\1\2") + 10] + b"\x63\0" + c[c.index(b"PK\1\2") + 12 :],
    "encrypted": lambda c: c[: c.index(b"PK\1\2") + 8] + b"\1\0" + c[c.index(b"PK\1\2") + 10 :],
    "another name": lambda c: c.replace(b"a.tflite", b"b.tflite"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_said_to_be(tmp_path, damage):
    (tmp_path / "a.task").write_bytes(damage(packed()))
    with pytest.raises(ValueError, match=r"a\.task: not a PoseLandmarker \.task bundle, or damaged"):
        read_members(tmp_path / "a.task", ["a.tflite"])


def test_a_member_that_promises_too_much_is_not_unpacked(tmp_path, monkeypatch):
    (tmp_path / "a.task").write_bytes(packed(zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(members, "LARGEST", 500)
    with pytest.raises(ValueError, match=r"a\.task: not a"):
        read_members(tmp_path / "a.task", ["a.tflite"])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_members(tmp_path / "a.task", ["a.tflite"])
