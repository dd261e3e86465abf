"""The stages that a frame goes through, each a generator that takes frames and hands them on."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from posecore.estimator import PoseEstimator
from posecore.formats import as_written
from posecore.options import Options
from posecore.overlay import Canvas, draw_frame, draw_label, reach
from posecore.pipeline.meter import Meter
from posecore.pose import FramePose, Person
from posecore.video import Frame, Segment, VideoFrame, VideoWriter, plane_array

MOST_AHEAD = 30  # frames: one of 2160p has 12 MB


@dataclass
class Estimated:
    """A frame whose people are found, or else interpolated or held, once they are known.

    label: for the video. received_at: of a live source.
    """

    frame: Frame
    persons: tuple[Person, ...] = ()
    interpolated: bool = False
    label: str = ""
    received_at: datetime | None = None

    @property
    def pose(self) -> FramePose:
        """What the document says of it."""
        return FramePose(self.frame.index, self.frame.timestamp_ms, self.persons, self.received_at, self.interpolated)

    @cached_property
    def shown(self) -> FramePose:
        """What is drawn: people as the document has them, rounded, so that it can be drawn again from that."""
        return as_written(self.pose)


def shrink(frames: Iterable[tuple[Frame, bool]], max_side: int) -> Generator[tuple[Frame, bool], None, None]:
    """Make the small picture of every frame that is looked at ahead of whoever asks for it."""
    for frame, looked_at in frames:
        if looked_at:
            frame.small(max_side)
        yield frame, looked_at


def estimate(
    frames: Iterable[tuple[Frame, bool]],
    estimator: PoseEstimator,
    meter: Meter,
    segment: Segment,
    on_people: Callable[[FramePose], None] | None = None,
) -> Generator[Estimated, None, None]:
    """Find the people of the frames that are looked at, of those that are there to warm up on too."""
    for frame, looked_at in frames:
        if not looked_at:
            yield Estimated(frame, interpolated=True)
            continue
        started = time.perf_counter()
        work = Estimated(frame, tuple(estimator(frame)))
        milliseconds = 1000 * (time.perf_counter() - started)
        if on_people:
            on_people(work.pose)
        if segment.owns(frame):
            meter.count(milliseconds, work.pose)
            work.label = meter.label()
        else:
            meter.warm_up()
        yield work


def draw_and_encode(
    estimated: Iterable[Estimated], writer: VideoWriter, options: Options, names: Mapping[int, str] | None = None
) -> Generator[Estimated, None, None]:
    """Draw people and label on the planes of every frame, and write it. names: of people by their ids."""
    for work, around in surrounded(estimated, *reach(options)):
        picture = drawn(work, writer.pixel_format, writer.info.color.sws_matrix, options, around, names)
        writer.write(picture, work.frame.time, work.frame.duration)
        yield work


def drawn(
    work: Estimated,
    pixel_format: str,
    matrix: int,
    options: Options,
    around: Sequence[FramePose],
    names: Mapping[int, str] | None = None,
) -> VideoFrame:
    """A copy of a frame as YUV, with people and label drawn on it. matrix: of its colours. around: see `draw_frame`."""
    picture = work.frame.yuv(pixel_format)
    canvas = Canvas.yuv([plane_array(plane) for plane in picture.planes], matrix)
    draw_frame(canvas, work.shown, options, around, names or {})
    if options.perf_text:
        draw_label(canvas, work.label)
    return picture


def surrounded(
    estimated: Iterable[Estimated], before_ms: int, after_ms: int
) -> Generator[tuple[Estimated, Sequence[FramePose]], None, None]:
    """Every frame with the people of those that are at most so far from it, its own among them, in order.

    At most MOST_AHEAD frames wait for those after them; none does where that is 0.
    """
    poses: deque[FramePose] = deque()
    waiting: deque[Estimated] = deque()
    for work in estimated:
        poses.append(work.shown)
        waiting.append(work)
        while waiting and (
            waiting[0].frame.timestamp_ms + after_ms <= work.frame.timestamp_ms or len(waiting) > MOST_AHEAD
        ):
            yield waiting[0], since(poses, waiting[0].frame.timestamp_ms - before_ms)
            waiting.popleft()
    while waiting:
        yield waiting[0], since(poses, waiting[0].frame.timestamp_ms - before_ms)
        waiting.popleft()


def since(poses: deque[FramePose], timestamp_ms: int) -> deque[FramePose]:
    """The same without those of before."""
    while poses and poses[0].timestamp_ms < timestamp_ms:
        poses.popleft()
    return poses
