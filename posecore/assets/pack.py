"""Several files in one: a zip that is stored, not deflated, and has the same bytes wherever it is made."""

import io
import struct
import zipfile
from collections.abc import Mapping

ALIGNMENT = 64  # bytes; MediaPipe reads a network in place when it starts at such an offset


def stored_zip(files: Mapping[str, bytes]) -> bytes:
    """The content of a zip with these files, each at a multiple of ALIGNMENT."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # what it is made on must not change its bytes
            entry.extra = _padding(content.tell() + zipfile.sizeFileHeader + len(name))  # type: ignore[attr-defined]
            archive.writestr(entry, data)
    return content.getvalue()


def _padding(offset: int) -> bytes:
    """An extra field (4 bytes of head, then zeros) that moves data at `offset` to the next aligned place."""
    size = -(offset + 4) % ALIGNMENT
    return struct.pack("<HH", 0, size) + bytes(size)
