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
LATE, LONG = 1.0, 3.0  # seconds that decoding may be behind the source, and from one look at that to the next
IDLE = 0.2  # share of the time in which packets are waited for, from which on decoding is quick enough
WAITED = 0.002  # seconds for a packet from which on it was not there already
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
        asked = time.perf_counter()
        for packet in packets:
            self.arrived, self.received_at = time.perf_counter(), datetime.now().astimezone()
            if self._stop.is_set():
                return
            if not self.lossless and self.timed and self._delay.skips(packet, self.arrived, self.arrived - asked):
                self.skipped += 1
            else:
                yield packet
            asked = time.perf_counter()

    @property
    def why_ended(self) -> str:
        """Why there are no more pictures."""
        if self.broken == TIMED_OUT or (self._pipe is not None and self._pipe.given_up):
            return f"nothing came for {self._stall:g} s"
        return f"it broke off ({self.broken})" if self.broken else "it ended"


class _Delay:
    """Whether decoding is too slow: packets lie ready in the system and are read later and later.

    A source that pauses, or whose clock is slow, is late too, but has to be waited for.
    """

    def __init__(self) -> None:
        self._since = self._waited = 0.0
        self._least = math.inf
        self._skipping = self._drained = False

    def skips(self, packet: Packet, now: float, waited: float) -> bool:
        """Whether a packet is left out: up to a key picture after one that had to be waited for.

        now, waited: seconds, when it came and how long it was waited for.
        """
        if self._skipping:
            self._drained |= waited > WAITED
            self._skipping = not (self._drained and packet.is_keyframe)
            self._since, self._waited, self._least = now, 0.0, math.inf
        elif packet.dts is not None:
            late = now - float(packet.dts * packet.time_base)
            self._least = min(self._least, late)
            self._waited += waited
            if now - self._since > LONG:
                if self._waited > IDLE * (now - self._since):
                    self._least = late
                self._skipping, self._drained = late - self._least > LATE, False
                self._since, self._waited = now, 0.0
        return self._skipping
