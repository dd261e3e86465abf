"""What a live source is, and how it is opened: a camera, an address, standard input."""

import os
import re
import select
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from posecore.video.container import DEMUXERS, error_text, kinds
from posecore.video.devices import device_format, find_camera
from posecore.video.shown import open_media

# By the scheme of an address: the protocols that what is found there may use. The user named the network; no list that
# is found there may name a file of this machine, or a device.
HTTP = "http,https,httpproxy,tcp,tls,crypto"
RTSP = "rtsp,rtp,srtp,udp,tcp,tls,http,https,httpproxy"
RTMP = "rtmp,rtmpe,rtmps,rtmpt,rtmpte,rtmpts,http,https,tcp,tls"
PROTOCOLS = {
    "http": HTTP,
    "https": HTTP,
    "rtsp": RTSP,
    "rtsps": RTSP,
    "rtmp": RTMP,
    "rtmpe": RTMP,
    "rtmps": RTMP,
    "rtmpt": RTMP,
    "rtp": "rtp,udp",
    "srt": "srt,udp",
    "tcp": "tcp",
    "tls": "tls,tcp",
    "udp": "udp",
}
LIVE_DEMUXERS = f"{DEMUXERS},rtsp,rtp,hls"
# What is lost of a stream cannot be brought back: the buffer of UDP may run over. Of RTSP TCP is tried first.
OPTIONS = {"analyzeduration": "2000000", "overrun_nonfatal": "1", "rtsp_flags": "prefer_tcp"}
OPENED = 10.0  # seconds in which a source must say what it is
POLL = 0.1  # seconds from one look at whether to stop to the next


@dataclass(frozen=True)
class LiveInput:
    """A live source. kind: "camera", "url" or "stdin". address: the camera's number or name, or the address."""

    kind: str
    address: str = ""

    @property
    def name(self) -> str:
        """As it is shown and written down: without a password, and whatever else an address has behind its path."""
        if self.kind == "stdin":
            return "standard input"
        if self.kind == "camera":
            return f"camera {self.address}"
        if self.file:
            return self.address
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def file(self) -> Path | None:
        """The ordinary file that it is; None for what comes while it is read."""
        if self.kind != "url" or re.match(r"\w+://", self.address):
            return None
        return Path(self.address)


def open_live(source: LiveInput, pipe: "Pipe | None", timeout: float, stall: float) -> InputContainer:
    """Open a source other than a file.

    pipe: standard input, if it is that. timeout: seconds within which it must say what it is. stall: seconds without
    anything after which reading fails.

    Raises ValueError for what cannot be opened, with the cure.
    """
    try:
        if pipe is not None:
            whitelist = {"format_whitelist": DEMUXERS, "protocol_whitelist": "pipe"}
            return av.open(pipe, options=OPTIONS | whitelist, metadata_errors="replace")
        if source.kind == "camera":
            device, options = device_format()
            camera = find_camera(source.address)
            return av.open(camera.address, format=device, options=options, timeout=(timeout, stall))
        whitelist = {"format_whitelist": LIVE_DEMUXERS, "protocol_whitelist": _protocols(source)}
        return av.open(source.address, options=OPTIONS | whitelist, metadata_errors="replace", timeout=(timeout, stall))
    except av.ArgumentError as error:
        raise ValueError(f"{source.name}: is no video stream but a text, a list or the like; give a stream") from error
    except (av.FFmpegError, OSError) as error:
        why = f"nothing came for {timeout:g} s" if isinstance(error, av.ExitError) else error_text(error)
        raise ValueError(f"{source.name}: cannot be opened ({why}); {_cure(source, error)}") from error


def _protocols(source: LiveInput) -> str:
    scheme = urlsplit(source.address).scheme.lower()
    if scheme not in PROTOCOLS:
        raise ValueError(f"{source.name}: {scheme} is no way to a stream; known are {', '.join(PROTOCOLS)}")
    return PROTOCOLS[scheme]


def _cure(source: LiveInput, error: Exception) -> str:
    if isinstance(error, av.HTTPUnauthorizedError):
        return f"give {urlsplit(source.address).scheme}://USER:PASSWORD@…"
    if source.kind == "camera":
        return "check that no other program uses it and that you may"
    return "check the address and that somebody sends" if source.kind == "url" else "send a video, such as MPEG-TS"


def is_file(source: LiveInput, container: InputContainer) -> bool:
    """Whether what was opened has an end that is known already: then no frame of it may be lost."""
    if source.kind == "camera":
        return False
    if source.kind == "stdin":
        return stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode)
    if "hls" in kinds(container):
        return container.duration is not None
    return source.file is not None or (source.address.startswith("http") and container.size > 0)


def open_file(path: Path) -> InputContainer:
    """Open a file that was named instead of an address.

    Raises ValueError for a pipe, with the cure, and what `open_media` raises.
    """
    if path.is_fifo():
        raise ValueError(f"{path}: is a pipe; posecore live --stdin < {path}")
    if path.is_char_device():
        raise ValueError(f"{path}: is a device; posecore live --camera {path}")
    return open_media(path)


class Pipe:
    """Standard input as PyAV reads it: it can be told to stop, and notes pauses.

    stall: seconds without anything that are a pause. patience: seconds after which nobody waits any longer.
    pauses: how many there were. given_up: whether nobody waited any longer.
    """

    name = "standard input"

    def __init__(self, stop: Event, stall: float, patience: float, file: BinaryIO | None = None) -> None:
        self._descriptor = (file or sys.stdin).fileno()
        self._stop, self._stall, self._patience = stop, stall, patience
        self.pauses, self.given_up = 0, False

    def read(self, count: int) -> bytes:
        """Some bytes, at most `count`; none at the end."""
        since = time.monotonic()
        while os.name != "nt" and not select.select([self._descriptor], [], [], POLL)[0]:  # there sockets only
            if self._stop.is_set():
                return b""
            if time.monotonic() - since > max(self._stall, self._patience):
                self.given_up = True
                return b""
        self.pauses += time.monotonic() - since > self._stall
        return os.read(self._descriptor, count)
