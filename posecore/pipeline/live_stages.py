"""The stage of a live run that differs from that of a file: who is followed is lost where the source was."""

import math
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace

from posecore.estimator import PoseEstimator
from posecore.formats import LiveWriter
from posecore.pipeline.live_meter import LiveMeter
from posecore.pipeline.stages import Estimated
from posecore.pose import Person
from posecore.video import Arrival, Frame, LiveSource


def follow(
    arrivals: Iterable[Arrival | None],
    source: LiveSource,
    open_it: Callable[[], PoseEstimator],
    meter: LiveMeter,
    record: LiveWriter | None,
    duration: float = math.inf,
) -> Generator[Estimated, None, None]:
    """Find the people and write them down at once, for so many seconds. The first frame that is looked at is number 0.

    arrivals: None while nothing comes. open_it: opens an estimator; that is done anew after each break of the source.
    """
    breaks, ids = 0, _Ids()
    first: Frame | None = None
    estimator = open_it()
    try:
        for arrival in arrivals:
            if arrival is None:
                if source.stop.is_set():
                    return
                continue
            if first is None:
                first = arrival.frame
            frame = arrival.frame.counted_from(first)
            if frame.time >= duration:
                source.stop.set()
                return
            if arrival.breaks > breaks:
                estimator.close()
                estimator = open_it()
                ids.begin_anew()
                if record:
                    for each in source.breaks[breaks : arrival.breaks]:
                        record.event(each.record)
                breaks = arrival.breaks
            yield _estimate(replace(arrival, frame=frame), estimator, ids, meter, record)
    finally:
        estimator.close()


def _estimate(
    arrival: Arrival, estimator: PoseEstimator, ids: "_Ids", meter: LiveMeter, record: LiveWriter | None
) -> Estimated:
    started = time.perf_counter()
    persons = tuple(ids(person) for person in estimator(arrival.frame))
    done = time.perf_counter()
    work = Estimated(arrival.frame, persons, received_at=arrival.received_at)
    meter.late(arrival.arrived, 1000 * (done - arrival.arrived))
    meter.count(1000 * (done - started), work.pose)
    if record:
        record.write(work.pose)
    work.label = meter.label()
    return work


class _Ids:
    """Ids that nobody has twice, though every tracker begins with 1."""

    def __init__(self) -> None:
        self._before = self._highest = 0

    def begin_anew(self) -> None:
        """Another tracker counts from here on."""
        self._before = self._highest

    def __call__(self, person: Person) -> Person:
        if person.track_id is None:
            return person
        person = replace(person, track_id=self._before + person.track_id)
        self._highest = max(self._highest, person.track_id or 0)
        return person
