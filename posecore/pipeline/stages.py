"""The stages that a frame goes through, each a generator that takes frames and hands them on."""

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime

from posecore.estimator import PoseEstimator
from posecore.options import Options
from posecore.overlay import Canvas, draw_label, draw_pose
from posecore.pipeline.meter import Meter
from posecore.pose import FramePose, Person
from posecore.video import Frame, Segment, VideoFrame, VideoWriter, plane_array


@dataclass
class Estimated:
    """A frame whose people are found. label: for the video. received_at: of a live source."""

    frame: Frame
    persons: tuple[Person, ...]
    label: str = ""
    received_at: datetime | None = None

    @property
    def pose(self) -> FramePose:
        """What the document says of it."""
        return FramePose(self.frame.index, self.frame.timestamp_ms, self.persons, self.received_at)


def shrink(frames: Iterable[Frame], max_side: int) -> Generator[Frame, None, None]:
    """Make the small picture of every frame ahead of whoever asks for it."""
    for frame in frames:
        frame.small(max_side)
        yield frame


def estimate(
    frames: Iterable[Frame],
    estimator: PoseEstimator,
    meter: Meter,
    segment: Segment,
    on_people: Callable[[FramePose], None] | None = None,
) -> Generator[Estimated, None, None]:
    """Find the people; frames that are there to warm up on go no further than `on_people`."""
    for frame in frames:
        started = time.perf_counter()
        work = Estimated(frame, tuple(estimator(frame)))
        milliseconds = 1000 * (time.perf_counter() - started)
        if on_people:
            on_people(work.pose)
        if not segment.owns(frame):
            meter.warm_up()
            continue
        meter.count(milliseconds, work.pose)
        work.label = meter.label()
        yield work


def draw_and_encode(
    estimated: Iterable[Estimated], writer: VideoWriter, options: Options
) -> Generator[Estimated, None, None]:
    """Draw people and label on the planes of every frame, and write it."""
    for work in estimated:
        picture = drawn(work, writer.pixel_format, writer.info.color.sws_matrix, options)
        writer.write(picture, work.frame.time, work.frame.duration)
        yield work


def drawn(work: Estimated, pixel_format: str, matrix: int, options: Options) -> VideoFrame:
    """A copy of a frame as YUV, with people and label drawn on it. matrix: of its colours."""
    picture = work.frame.yuv(pixel_format)
    canvas = Canvas.yuv([plane_array(plane) for plane in picture.planes], matrix)
    draw_pose(canvas, work.persons, options.min_score, boxes=options.boxes, scores=options.person_scores)
    if options.perf_text:
        draw_label(canvas, work.label)
    return picture
