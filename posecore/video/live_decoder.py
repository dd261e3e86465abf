"""The pictures of one connection to a live source, as they are decoded."""

import math
import time
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from threading import Event

from av.container import InputContainer
from av.packet import Packet

from posecore.video.container import kinds
from posecore.video.decoder import Decoder
from posecore.video.live_input import LiveInput, Pipe, is_file, open_file, open_live
from posecore.video.timeline import BARE

UNTIMED = BARE | {"mpjpeg"}  # and single pictures one after the other: the times that FFmpeg gives them are made up
LATE, LONG = 1.0, 3.0  # seconds that decoding may be behind the source, and for how long, before some is left out
CREEP = 0.001  # by which the clock of a source may be slower
TIMED_OUT = "Immediate exit requested"  # FFmpeg's words for it


class LiveDecoder(Decoder):
    """A source that is opened once, and read until it ends or breaks off.

    timeout, stall: as of `open_live`.
    arrived, received_at: when the last packet of pictures came, by time.perf_counter and by the clock on the wall.
    lossless: whether it is a file, of which nothing may be lost. timed: whether its pictures say when they are shown.
    skipped: packets that were left out because decoding is slower than the source.

    Raises as VideoReader does.
    """

    THREADING = "SLICE"  # whole frames side by side would come as many frames late

    def __init__(
        self, source: LiveInput, pipe: Pipe | None, threads: int | None, timeout: float, stall: float, stop: Event
    ) -> None:
        self._source, self._pipe, self._timeout, self._stall, self._stop = source, pipe, timeout, stall, stop
        self.arrived, self.received_at = time.perf_counter(), datetime.now().astimezone()
        self.skipped, self._delay = 0, _Delay()
        super().__init__(source.name, threads)  # type: ignore[arg-type]
        self.lossless = is_file(source, self.container)
        names = kinds(self.container)
        self.timed = not names & UNTIMED and not any(name.endswith("_pipe") for name in names)

    def _open_container(self) -> InputContainer:
        if self._source.file is not None:
            return open_file(self._source.file)
        return open_live(self._source, self._pipe, self._timeout, self._stall)

    def _count_rate(self) -> Fraction | None:
        """Of a stream it cannot be counted before it is over."""
        return super()._count_rate() if self._source.file is not None else None

    def _start(self) -> None:
        super()._start()
        self._packets = self._noted(self._packets)

    def _noted(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        for packet in packets:
            self.arrived, self.received_at = time.perf_counter(), datetime.now().astimezone()
            if self._stop.is_set():
                return
            if not self.lossless and self.timed and self._delay.skips(packet, self.arrived):
                self.skipped += 1
            else:
                yield packet

    @property
    def why_ended(self) -> str:
        """Why there are no more pictures."""
        if self.broken == TIMED_OUT or (self._pipe is not None and self._pipe.given_up):
            return f"nothing came for {self._stall:g} s"
        return f"it broke off ({self.broken})" if self.broken else "it ended"


class _Delay:
    """How late packets are read, against the most punctual ones: what is not decoded in time waits in the system."""

    def __init__(self) -> None:
        self._least, self._last, self._since = math.inf, 0.0, math.inf
        self._skipping = False

    def skips(self, packet: Packet, now: float) -> bool:
        """Whether a packet is left out: until the next key picture that is read in time, once LONG was not enough."""
        if packet.dts is None:
            return self._skipping
        late = now - float(packet.dts * packet.time_base)
        self._least = min(self._least + CREEP * (now - self._last), late)
        self._last = now
        behind = late - self._least > LATE
        self._since = min(self._since, now) if behind else math.inf
        if self._skipping:
            self._skipping = behind or not packet.is_keyframe
        else:
            self._skipping = now - self._since > LONG
        return self._skipping
