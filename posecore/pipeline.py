"""The whole way of one video: decode, estimate, draw and encode, each in its own thread, and write the document.

With one thread to use, one does all of it.
"""

import os
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from posecore import __version__
from posecore.assets import file_sha256, model_file
from posecore.background import Background
from posecore.canvas import Canvas
from posecore.cores import available_cores
from posecore.document import DocumentWriter
from posecore.estimator import PoseEstimator, open_estimator
from posecore.frame import Frame, Image, plane_array
from posecore.options import DEFAULTS, Options
from posecore.pose import FramePose, Keypoints
from posecore.render import draw_label, draw_pose
from posecore.segments import Segment, Segments
from posecore.video import VideoInfo, VideoReader
from posecore.writer import VideoWriter, output_format

PathLike = str | os.PathLike[str]
LABEL_SECONDS = 0.25
Item = TypeVar("Item")
Works = Generator["_Work", None, None]


@dataclass(frozen=True)
class Summary:
    """What a run did.

    seconds: wall time from the first frame to the last.
    inference_ms: median and 95th percentile of one frame, from the upright picture to its keypoints.
    warnings: what was wrong with the input and could be lived with.
    """

    frames: int
    frames_with_person: int
    seconds: float
    inference_ms: tuple[float, float]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        median, p95 = self.inference_ms
        return (
            f"{self.frames} frames, {self.frames_with_person / self.frames:.1%} with a person, "
            f"{self.frames / self.seconds:.1f} frames/s, inference {median:.1f} ms median, {p95:.1f} ms p95"
        )


def process_video(
    source: PathLike,
    output: PathLike | None = None,
    json: PathLike | None = None,
    options: Options = DEFAULTS,
    progress: bool = False,
    on_frame: Callable[[], None] | None = None,
    segment: Segment | None = None,
) -> Summary:
    """Find the keypoints of a video; write the annotated video to `output`, the JSON document to `json`, or both.

    Existing files are replaced when the new ones are complete, and are left as they are when anything fails.
    progress: show a bar when stderr is a terminal. on_frame: is called after every frame.
    segment: a stretch of the video to do instead of all, without sound; `jobs` does not count then.

    Raises ValueError, OSError (FileNotFoundError, ConnectionError …) with the file and the cure in the message.
    """
    _check_paths(source, output, json)
    segment = segment or Segment()
    with ExitStack() as stack:
        threads = options.threads or available_cores()
        # More threads for decoding only cost more: it is not the slowest stage.
        video = stack.enter_context(VideoReader(source, max(1, threads // 2)))
        model = model_file(options.model_complexity, options.model_path, options.download_model)
        meta = _meta(Path(source), video.info, model, options)
        document = stack.enter_context(DocumentWriter(json, meta)) if json else None
        sound = source if segment.whole else None
        writer = stack.enter_context(_writer(output, video.info, sound, options, threads)) if output else None
        frames = segment.frames(video)
        if options.jobs == 1 or not segment.whole:
            small = _stage(stack, _shrink(frames, options.max_side), "decode", threads)
            works = _estimate(small, stack.enter_context(_open(options, model, threads)), video.info.size)
        else:
            decoded = _stage(stack, frames, "decode", threads)
            works = _look_up(decoded, stack.enter_context(_segments(video, options, model, threads)))
        meter = _Meter()
        finished = _stage(stack, _count(works, meter, segment), "inference", threads)
        if writer:
            finished = _stage(stack, _encode(finished, writer, options), "draw and encode", threads)
        bar = stack.enter_context(_bar(video.info.frame_count, progress))
        for work in finished:
            if document:
                document.write(work.pose)
            if bar is not None:
                bar.update()
            if on_frame:
                on_frame()
        if segment.first is None:
            raise ValueError(
                f"{video.path}: has no frame from {segment.start_ms / 1000:g} s on; it cannot be cut there"
            )
        for file in (writer, document):
            if file:
                file.close()
        return meter.summary(_warnings(video, writer))


def _stage(stack: ExitStack, items: Generator[Item, None, None], name: str, threads: int) -> Iterable[Item]:
    """In a thread of its own, if there is more than one to use."""
    return stack.enter_context(Background(items, name) if threads > 1 else closing(items))


@dataclass
class _Work:
    """A frame on its way whose people are found. milliseconds: of that; label: for the video."""

    frame: Frame
    persons: tuple[Keypoints, ...]
    milliseconds: float
    label: str = ""

    @property
    def pose(self) -> FramePose:
        return FramePose(self.frame.index, self.frame.timestamp_ms, self.persons)


def _shrink(frames: Iterable[Frame], max_side: int) -> Generator[tuple[Frame, Image], None, None]:
    for frame in frames:
        yield frame, frame.small(max_side)


def _estimate(frames: Iterable[tuple[Frame, Image]], estimator: PoseEstimator, size: tuple[int, int]) -> Works:
    for frame, small in frames:
        started = time.perf_counter()
        persons = tuple(estimator(small, frame.timestamp_ms, size))
        yield _Work(frame, persons, 1000 * (time.perf_counter() - started))


def _look_up(frames: Iterable[Frame], segments: Segments) -> Works:
    for frame in frames:
        yield _Work(frame, *segments(frame))


def _count(works: Iterable[_Work], meter: "_Meter", segment: Segment) -> Works:
    for work in works:
        if not segment.owns(work.frame):
            meter.warm_up()
            continue
        meter.count(work)
        work.label = meter.label()
        yield work


def _encode(works: Iterable[_Work], writer: VideoWriter, options: Options) -> Works:
    for work in works:
        frame = work.frame
        picture = frame.yuv(writer.pixel_format)
        canvas = Canvas.yuv([plane_array(plane) for plane in picture.planes], writer.info.color.sws_matrix)
        draw_pose(canvas, work.pose.persons, options.min_score)
        if options.perf_text:
            draw_label(canvas, work.label)
        writer.write(picture, frame.time, frame.duration)
        yield work


def _open(options: Options, model: Path, threads: int) -> PoseEstimator:
    return open_estimator(options.engine, model_path=model, max_side=0, delegate=options.delegate, threads=threads)


def _segments(video: VideoReader, options: Options, model: Path, threads: int) -> Segments:
    open_one = partial(_open, options, model, max(1, threads // options.jobs))
    return Segments(video.path, video.info, open_one, options.jobs, options.max_side)


def _writer(output: PathLike, info: VideoInfo, sound: PathLike | None, options: Options, threads: int) -> VideoWriter:
    return VideoWriter(output, info, sound_of=sound, crf=options.crf, preset=options.preset, threads=threads)


@contextmanager
def _bar(frames: int | None, progress: bool) -> Iterator[Any]:
    """On a descriptor of its own: MediaPipe's engine silences stderr while it waits for somebody to appear."""
    if not progress or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with open(os.dup(sys.stderr.fileno()), "w") as file:
        with tqdm(total=frames, unit="frame", file=file) as bar:
            yield bar


def _meta(source: Path, info: VideoInfo, model: Path, options: Options) -> dict[str, Any]:
    return {
        "fps": round(float(info.fps), 8),
        "width": info.width,
        "height": info.height,
        "source": source.name,
        "model": model.name,
        "model_sha256": file_sha256(model),
        "engine": options.engine,
        "max_side": options.max_side,
        "posecore_version": __version__,
    }


def _warnings(video: VideoReader, writer: VideoWriter | None) -> tuple[str, ...]:
    problems = video.problem, writer.problem if writer else None
    return tuple(problem for problem in problems if problem)


def _check_paths(source: PathLike, output: PathLike | None, json: PathLike | None) -> None:
    if not output and not json:
        raise ValueError("nothing to write: give an output video, a JSON file, or both")
    if output:
        output_format(output)
    named = {"input": source, "output": output, "JSON": json}
    real = {name: os.path.realpath(path) for name, path in named.items() if path}
    for a, b in (("input", "output"), ("input", "JSON"), ("output", "JSON")):
        if a in real and real[a] == real.get(b):
            raise ValueError(f"{named[b]}: is the {a} and the {b}; name two files")


class _Meter:
    """Counts frames, their milliseconds of inference, and those with a person."""

    def __init__(self) -> None:
        self._milliseconds = array("f")
        self._ends: deque[float] = deque([time.perf_counter()], maxlen=31)
        self._with_person = 0
        self._label, self._label_until = "", 0.0
        self._first = self._ends[0]

    def warm_up(self) -> None:
        """Take note of a frame that is not one of the segment: the label's rate begins after it."""
        self._ends[0] = time.perf_counter()

    def count(self, work: _Work) -> None:
        """Take note of a frame whose people are found."""
        self._ends.append(time.perf_counter())
        self._milliseconds.append(work.milliseconds)
        self._with_person += bool(work.persons)

    def label(self) -> str:
        """Frames per second of the whole run and milliseconds of inference, over the last 30 frames.

        The text stays for a moment, or nobody could read it.
        """
        if self._ends[-1] < self._label_until:
            return self._label
        self._label_until = self._ends[-1] + LABEL_SECONDS
        frames_per_second = (len(self._ends) - 1) / (self._ends[-1] - self._ends[0])
        milliseconds = self._milliseconds[-30:]
        self._label = f"{frames_per_second:.1f} FPS  {sum(milliseconds) / len(milliseconds):.1f} ms/frame"
        return self._label

    def summary(self, warnings: tuple[str, ...]) -> Summary:
        median, p95 = np.percentile(self._milliseconds, (50, 95))
        seconds = time.perf_counter() - self._first
        return Summary(len(self._milliseconds), self._with_person, seconds, (float(median), float(p95)), warnings)
