"""The networks in a file of a model, which is a zip."""

import errno
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable

from posecore.models.catalog import not_a_model

LARGEST = 1 << 30  # bytes of a member; what promises more is damaged
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, RuntimeError, ValueError)


def read_members(path: str | os.PathLike[str], names: Iterable[str]) -> list[bytes]:
    """The content of these members, their checksums proved.

    Raises ValueError when the file is no zip, is damaged, or lacks one, OSError when it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_read(archive, name) for name in names]
    except DAMAGED as error:
        raise ValueError(not_a_model(path)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a member that begins before the file
            raise
        raise ValueError(not_a_model(path)) from error


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} is too large")
    return archive.read(name)
