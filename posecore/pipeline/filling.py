"""Frames that were not looked at get their people from the looks around them; see `posecore.tracking.interpolation`."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator

from posecore.pipeline.meter import Meter
from posecore.pipeline.stages import Estimated
from posecore.pose import FramePose
from posecore.tracking import LONGEST_MS, people_between
from posecore.video import Segment


def fill(works: Iterable[Estimated], meter: Meter | None, segment: Segment) -> Generator[Estimated, None, None]:
    """Interpolate the frames that were not looked at; those that are there to warm up on go no further.

    A frame waits for two looks, of which no more than the time is between over which somebody is interpolated.
    meter: takes note of them.
    """
    before: deque[FramePose | None] = deque([None, None], 2)  # the last two looks
    held: list[Estimated] = []
    for part in _parts(works):
        for ready in (held, part if len(part) == 1 else []):
            if ready:
                yield from _filled(ready, before, _look(part), meter, segment)
                before.append(_look(ready))
        held = part if len(part) > 1 else []
    yield from _filled(held, before, None, meter, segment)


def _parts(works: Iterable[Estimated]) -> Iterator[list[Estimated]]:
    """Frames that were not looked at, and the look after them; without one where that would come too late."""
    part: list[Estimated] = []
    for work in works:
        part.append(work)
        if not work.interpolated or work.frame.timestamp_ms - part[0].frame.timestamp_ms > LONGEST_MS:
            yield part
            part = []
    if part:
        yield part


def _look(part: list[Estimated]) -> FramePose | None:
    return None if part[-1].interpolated else part[-1].pose


def _filled(
    part: list[Estimated],
    looks: Iterable[FramePose | None],
    later: FramePose | None,
    meter: Meter | None,
    segment: Segment,
) -> Iterator[Estimated]:
    """Yield those of the segment. looks: the two before them; later: the one after that at their end."""
    earlier, before = looks
    for work in part:
        if not segment.owns(work.frame):
            continue
        if work.interpolated:
            if before and (after := _look(part)):
                work.persons = people_between(before, after, work.frame.timestamp_ms, earlier, later)
            if meter:
                meter.count_filled(work.pose)
                work.label = meter.label()
        yield work
