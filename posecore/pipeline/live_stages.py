"""The stage of a live run that differs from that of a file: nobody looks ahead, and who is followed may be lost."""

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace

from posecore.estimator import PoseEstimator
from posecore.formats import LiveWriter
from posecore.options import Options
from posecore.pipeline.live_meter import LiveMeter
from posecore.pipeline.looks import look_number
from posecore.pipeline.stages import Estimated
from posecore.pose import FramePose, Person
from posecore.tracking import people_held
from posecore.video import Arrival, Frame, LiveSource


def look_of(options: Options, arrival: Arrival) -> tuple[int, int]:
    """The same for frames of which only the first is looked at; never on both sides of a break of the source."""
    return arrival.breaks, look_number(arrival.frame, options.every, options.max_rate)


def follow(
    arrivals: Iterable[Arrival | None],
    source: LiveSource,
    open_it: Callable[[], PoseEstimator],
    options: Options,
    meter: LiveMeter,
    record: LiveWriter | None,
    duration: float = math.inf,
) -> Generator[Estimated, None, None]:
    """Find the people and write them down at once, for so many seconds. The first frame that is looked at is number 0.

    People of frames that are not looked at are held, as they were at the look before.
    arrivals: None while nothing comes. open_it: opens an estimator; that is done anew after each break of the source.
    """
    breaks, ids = 0, _Ids()
    look: tuple[int, int] | None = None
    seen = FramePose(0, 0, ())
    estimator = open_it()
    try:
        for arrival, its_look in _counted(arrivals, source, options, duration):
            if arrival.breaks > breaks:
                meter.begin_anew()
                estimator.close()
                estimator = open_it()
                ids.begin_anew()
                if record:
                    for each in source.breaks[breaks : arrival.breaks]:
                        record.event(each.record)
                breaks = arrival.breaks
            if its_look != look:
                work = _estimate(arrival, estimator, ids, meter)
                look, seen = its_look, work.pose
            else:
                work = _hold(arrival, seen, meter)
            if record and not (work.interpolated and options.sparse):
                record.write(work.pose)
            work.label = meter.label()
            yield work
    finally:
        estimator.close()


def _counted(
    arrivals: Iterable[Arrival | None], source: LiveSource, options: Options, duration: float
) -> Iterator[tuple[Arrival, tuple[int, int]]]:
    """Frames until they are over, counted from the first, and the look of each."""
    first: Frame | None = None
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
        yield replace(arrival, frame=frame), look_of(options, arrival)


def _estimate(arrival: Arrival, estimator: PoseEstimator, ids: "_Ids", meter: LiveMeter) -> Estimated:
    started = time.perf_counter()
    persons = tuple(ids(person) for person in estimator(arrival.frame))
    done = time.perf_counter()
    work = Estimated(arrival.frame, persons, received_at=arrival.received_at)
    meter.late(arrival.arrived, 1000 * (done - arrival.arrived))
    meter.count(1000 * (done - started), work.pose)
    return work


def _hold(arrival: Arrival, seen: FramePose, meter: LiveMeter) -> Estimated:
    persons = people_held(seen, arrival.frame.timestamp_ms)
    work = Estimated(arrival.frame, persons, interpolated=True, received_at=arrival.received_at)
    meter.count_filled(work.pose)
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
