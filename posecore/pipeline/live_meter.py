"""How a live run goes: what `Meter` says, how late the keypoints are, and how many frames were dropped and why."""

import math
from dataclasses import dataclass

import numpy as np

from posecore.pipeline.meter import WINDOW, Meter, Summary, Tally
from posecore.pipeline.newest import Newest
from posecore.video import Arrival, LiveSource

SETTLING = 1.0  # seconds from the first frame after it was opened; what was sent meanwhile comes all at once


@dataclass(frozen=True, eq=False)
class LiveSummary(Summary):
    """What a live run did, besides.

    latency_ms: from the arrival of a frame to its keypoints, median and 95th percentile; None of a file.
    dropped: frames that are in no output, by their cause: "at the start", while the source was opened or within
        SETTLING of that, after a break too; "busy", a newer one came before the network was free; "late", decoding was
        behind the source; "damaged", they could not be decoded.
    breaks: how often the source was lost and found again, paused, or changed the size of its pictures.
    lost: why the source is gone for good; empty when the run was ended otherwise.
    """

    latency_ms: tuple[float, float] | None = None
    dropped: tuple[tuple[str, int], ...] = ()
    breaks: int = 0
    lost: str = ""

    def __str__(self) -> str:
        if not self.frames:
            return "no frame"
        said = [super().__str__()]
        if self.latency_ms:
            said.append("latency {:.1f} ms median, {:.1f} ms p95".format(*self.latency_ms))
        dropped = ", ".join(f"{count} {cause}" for cause, count in self.dropped if count)
        said.append(f"dropped {dropped}" if dropped else "none dropped")
        if self.breaks:
            said.append(f"{self.breaks} break{'s' * (self.breaks > 1)} of the source")
        return ", ".join(said)


class LiveMeter(Meter):
    """Counts latencies too, and asks the source and the slot behind it what was dropped."""

    def __init__(self, source: LiveSource, slot: Newest[Arrival] | None) -> None:
        super().__init__()
        self._latencies = Tally()
        self._source, self._slot = source, slot
        self._begun, self._at_start, self._busy = math.inf, 0, 0

    def _series(self) -> Tally:
        return Tally()

    def late(self, arrived: float, milliseconds: float) -> None:
        """Take note of how late the keypoints of a frame are; those of a file wait for one another and do not count.

        arrived: when the frame had come, in seconds.
        """
        if self._slot:
            self._latencies.append(milliseconds)
            self._begun = min(self._begun, arrived)
            if arrived < self._begun + SETTLING:
                self._at_start = self._slot.dropped - self._busy

    def begin_anew(self) -> None:
        """Take note of a break of the source: what is dropped now is again due to that."""
        if self._slot:
            self._begun, self._busy = math.inf, self._slot.dropped - self._at_start

    @property
    def dropped(self) -> tuple[tuple[str, int], ...]:
        """Frames that were dropped so far, by their cause."""
        busy = self._slot.dropped - self._at_start if self._slot else 0
        source = self._source
        return ("at the start", self._at_start), ("busy", busy), ("late", source.skipped), ("damaged", source.damaged)

    def _text(self) -> str:
        if not self._slot:
            return super()._text()
        median, p95 = np.percentile(self._latencies[-WINDOW:], (50, 95))
        dropped = sum(count for _, count in self.dropped)
        return f"{super()._text()}  latency {median:.0f} ms, p95 {p95:.0f}  dropped {dropped}"

    def summary(self, warnings: tuple[str, ...]) -> LiveSummary:
        """What the run came to."""
        return LiveSummary(
            **vars(super().summary(warnings)),
            latency_ms=_median_and_p95(self._latencies) if len(self._latencies) else None,
            dropped=self.dropped,
            breaks=len(self._source.breaks),
            lost=self._source.lost,
        )


def _median_and_p95(milliseconds: Tally) -> tuple[float, float]:
    median, p95 = np.percentile(np.array(milliseconds), (50, 95))
    return float(median), float(p95)
