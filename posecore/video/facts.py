"""What FFmpeg's own summary of a file says and PyAV has no call for: cropping, codec names, the order of channels.

PyAV (18) must not be asked for the layout of channels of a custom order: it frees memory that is not its own.
"""

import re
import time
from dataclasses import dataclass
from threading import Lock

import av.logging
from av.container import InputContainer

SETTLE = 0.001  # seconds in which messages of other threads that were under way are caught
_dumping = Lock()

STREAM = re.compile(r"^  Stream #0:(\d+)")
KIND = re.compile(r"^  Stream #0:\d+\S*: (\w+): ([^,\s]+)[^,]*?(?:\((\S{4}) / 0x[0-9A-F]+\))?,")
CHANNELS = re.compile(r"\d+ Hz, ([^,]+),")
CROPPING = re.compile(r"^ +Frame Cropping: (\d+)/(\d+)/(\d+)/(\d+)$")


@dataclass
class Facts:
    """Of one stream.

    kind: such as "Video" or "Audio". codec: its name, or the four letters that the file has for it. channels: their
    order as FFmpeg writes it, such as "stereo" or "2 channels (FR+FL)". crop: pixels that are not shown: left, right,
    top, bottom.
    """

    kind: str = ""
    codec: str = "unknown"
    channels: str = ""
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def labels(self) -> tuple[str, ...]:
        """The channels one by one when they come in an order of their own, such as ("FR", "FL"); else none."""
        found = re.fullmatch(r"\d+ channels \((.+)\)", self.channels)
        return tuple(found[1].split("+")) if found else ()


def facts_of(container: InputContainer) -> dict[int, Facts]:
    """The facts of every stream by its index."""
    facts: dict[int, Facts] = {}
    current = Facts()
    for line in _summary(container).splitlines():
        if found := STREAM.match(line):
            current = facts[int(found[1])] = Facts()
            if kind := KIND.match(line):
                current.kind = kind[1]
                current.codec = kind[3] if kind[2] == "none" and kind[3] else kind[2]
            if channels := CHANNELS.search(line):
                current.channels = channels[1]
        elif found := CROPPING.match(line):
            left, right, top, bottom = map(int, found.groups())
            current.crop = left, right, top, bottom
    return facts


def _summary(container: InputContainer) -> str:
    """FFmpeg writes it to its log, which is switched on for that; what else comes there meanwhile is dropped."""
    with _dumping, av.logging.Capture(False):
        level, repeated = av.logging.get_level(), av.logging.get_skip_repeated()
        av.logging.set_skip_repeated(False)
        av.logging.set_level(av.logging.INFO)
        try:
            return container.dumps_format()
        finally:
            time.sleep(SETTLE)
            av.logging.set_level(level)
            av.logging.set_skip_repeated(repeated)
