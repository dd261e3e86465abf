"""Frames of a live source as they come, over every connection to it; and what happened to it meanwhile."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import chain
from threading import Event
from typing import Self

import av

from posecore.options import RETRY, STALL
from posecore.video.decoder import Picture
from posecore.video.fit import Fit
from posecore.video.frame import Frame
from posecore.video.live_decoder import LiveDecoder
from posecore.video.live_input import OPENED, LiveInput, Pipe
from posecore.video.reader import FINE, look_at

PAUSES = 0.25, 8.0  # seconds before the source is opened anew: the first, which doubles, and the longest


@dataclass(frozen=True)
class Break:
    """What happened to a source: who is followed may be elsewhere after it.

    kind: "reconnected" after the source had ended, broken off or stalled, "resumed" after a pause of standard input,
    "resized" where pictures have another size. at: when. facts: more of it, for the record.
    """

    kind: str
    at: datetime
    facts: dict[str, str | float]

    @property
    def record(self) -> dict[str, str | float]:
        """As it is written down."""
        return {"event": self.kind, "at": self.at.isoformat(timespec="milliseconds")} | self.facts


@dataclass(frozen=True)
class Arrival:
    """A frame that has come.

    arrived: when its last packet had come, by time.perf_counter; received_at: by the clock on the wall.
    breaks: how many of the source's breaks were before it.
    """

    frame: Frame
    arrived: float
    received_at: datetime
    breaks: int


class LiveSource:
    """Iterate over `arrivals()` once, inside a `with` block, in any thread; a file of which nothing is lost is one too.

    retry: seconds for which a source that was lost is sought again; 0 for not at all.
    stall: seconds without anything after which it counts as lost.
    stop: ends it when set, at the next packet or after `stall` seconds at the latest.
    tell: is told in words what happens.

    info: of the first picture; all others come in its size.
    breaks: what happened so far.
    lost: at the end, why the source is gone for good; empty when it was stopped or simply at its end.

    Raises ValueError or OSError when it cannot be opened or no picture comes.
    """

    def __init__(
        self,
        source: LiveInput,
        *,
        retry: float = RETRY,
        stall: float = STALL,
        stop: Event,
        threads: int | None = None,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.source, self.stop = source, stop
        self._retry, self._stall, self._threads, self._tell = retry, stall, threads, tell
        self.breaks: list[Break] = []
        self.lost, self._index = "", 0
        self._damaged_before, self._skipped_before = 0, 0
        self._pipe = Pipe(stop, stall, retry) if source.kind == "stdin" else None
        self._decoder, first, self._pictures = self._connect(OPENED)
        self.lossless = self._decoder.lossless
        info, self._upright = look_at(self._decoder, first)
        self.info = replace(info, time_base=FINE)  # the times of several connections, and of what has none of its own
        self._fit = Fit(first.frame.width, first.frame.height)
        self._size, self._pauses = self._fit.size, 0
        self._begun = self._left = self._decoder.arrived
        self._zero, self._offset = first.time, Fraction(0)
        self._first, self._time, self._taken = first, Fraction(-1), False

    def _connect(self, timeout: float) -> tuple[LiveDecoder, Picture, Generator[Picture, None, None]]:
        decoder = LiveDecoder(self.source, self._pipe, self._threads, timeout, self._stall, self.stop)
        try:
            pictures = decoder.pictures()
            if (first := next(pictures, None)) is None:
                raise ValueError(f"{self.source.name}: no picture came ({decoder.why_ended}); check who sends")
        except BaseException:
            decoder.close()
            raise
        return decoder, first, pictures

    @property
    def damaged(self) -> int:
        """Parts that could not be decoded so far."""
        return self._damaged_before + self._decoder.damaged

    @property
    def skipped(self) -> int:
        """Parts that were not decoded so far, because decoding is slower than the source."""
        return self._skipped_before + self._decoder.skipped

    def arrivals(self) -> Generator[Arrival, None, None]:
        """Yield every frame as it comes, until the source is stopped, at its end, or gone for good; once."""
        self._taken = True
        try:
            pictures: Iterator[Picture] | None = chain([self._first], self._pictures)
            while pictures is not None:
                for picture in pictures:
                    if self.stop.is_set():
                        return
                    yield self._arrival(picture)
                pictures = self._again()
        finally:
            self._pictures.close()
            self._decoder.close()

    def _arrival(self, picture: Picture) -> Arrival:
        decoder, frame = self._decoder, self._fit(picture.frame)
        since, self._left = decoder.arrived - self._left, decoder.arrived
        if self._pipe is not None and self._pipe.pauses > self._pauses:
            self._pauses = self._pipe.pauses
            self._break("resumed", after_s=round(since, 3))
        if self._fit.size != self._size:
            self._size = self._fit.size
            self._break("resized", width=self._size[0], height=self._size[1])
        self._time = max(self._when(picture), self._time + self.info.time_base)
        index, self._index = self._index, self._index + 1
        duration = picture.duration or 1 / self.info.fps
        made = Frame(index, self._time, round(1000 * self._time), duration, frame, self._upright)
        return Arrival(made, decoder.arrived, decoder.received_at, len(self.breaks))

    def _when(self, picture: Picture) -> Fraction:
        """When a picture is shown, in seconds from the first, by the clock of the source if it has one."""
        if self._decoder.timed:
            return self._offset + picture.time - self._zero
        return _seconds(self._decoder.arrived - self._begun)

    def _break(self, kind: str, **facts: str | float) -> None:
        self.breaks.append(Break(kind, self._decoder.received_at, facts))
        self._tell(f"{self.source.name}: {kind} ({', '.join(f'{name} {value}' for name, value in facts.items())})")

    def _again(self) -> Iterator[Picture] | None:
        """The pictures of the next connection; None when there is none."""
        why, broken = self._decoder.why_ended, self._decoder.broken
        if self.stop.is_set():
            return None
        if self.lossless or self._pipe is not None or not self._retry:
            self.lost = why if broken or (self._pipe is not None and self._pipe.given_up) else ""
            return None
        self._damaged_before, self._skipped_before = self.damaged, self.skipped
        self._decoder.close()
        self._tell(f"{self.source.name}: {why}; it is sought again for {self._retry:g} s")
        found = self._seek()
        if found is None:
            self.lost = "" if self.stop.is_set() else f"{why}, and it did not come back within {self._retry:g} s"
            return None
        self._decoder, first, self._pictures = found
        gap = self._decoder.arrived - self._left
        self._zero, self._offset = first.time, self._time + _seconds(gap)
        self._break("reconnected", cause=why, after_s=round(gap, 3))
        return chain([first], self._pictures)

    def _seek(self) -> tuple[LiveDecoder, Picture, Generator[Picture, None, None]] | None:
        pause, end = PAUSES[0], time.perf_counter() + self._retry
        while (left := end - time.perf_counter()) > 0 and not self.stop.wait(min(pause, left)):
            pause = min(2 * pause, PAUSES[1])
            with suppress(ValueError, OSError, av.FFmpegError):
                return self._connect(min(OPENED, max(self._stall, end - time.perf_counter())))
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self._taken:  # else whoever takes the frames closes it, perhaps in the middle of reading
            self._pictures.close()
            self._decoder.close()


def _seconds(passed: float) -> Fraction:
    return Fraction(round(passed * 1_000_000), 1_000_000)
