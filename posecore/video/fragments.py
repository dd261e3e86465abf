"""Fragmented MP4, as it is recorded and sent live: whether a file breaks off in the middle of a fragment.

Nothing in it promises how long the whole is, and FFmpeg says nothing where it ends too early.
"""

import os
from pathlib import Path

FRAGMENT = (b"moof", b"mdat")  # the boxes of a fragment, by ISO/IEC 14496-12: the index of its samples, and these


def breaks_off(path: Path) -> bool:
    """Whether a file has fragments, and the last box is one of a fragment and longer than what is left of the file."""
    end, place, fragmented = os.path.getsize(path), 0, False
    with path.open("rb") as file:
        while place + 8 <= end:
            file.seek(place)
            head = file.read(16)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            fragmented |= kind == FRAGMENT[0]
            if size == 1:  # it does not fit into four bytes
                size = int.from_bytes(head[8:16], "big")
            if size < 8:  # 0: to the end of the file
                return False
            place += size
            if place > end:
                return fragmented and kind in FRAGMENT
    return False
