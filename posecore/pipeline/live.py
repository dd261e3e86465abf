"""The way of a live source: receive, estimate, draw and record, each in its own thread; the newest frame wins.

No look waits for another. Between the source and the network is a slot of one, where a frame that nobody took before
the next is dropped and counted; only those that are not looked at wait there together. Whoever shows or records takes
one frame at a time, and what is slow there holds the network up, so that frames are dropped in the same place. Of a
source that is a file nothing is dropped.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from functools import partial
from typing import TextIO

from posecore.cores import available_cores, opencv_threads
from posecore.formats import LiveWriter
from posecore.models import fetch_model
from posecore.options import DEFAULTS, Options
from posecore.overlay import reach
from posecore.pipeline.files import PathLike, open_writer
from posecore.pipeline.live_meter import LiveMeter, LiveSummary
from posecore.pipeline.live_stages import follow, look_of
from posecore.pipeline.newest import Newest
from posecore.pipeline.opening import estimator_of, meta_of, wants_everyone
from posecore.pipeline.prefetch import Prefetch
from posecore.pipeline.progress import progress_bar
from posecore.pipeline.stages import Estimated, drawn, since
from posecore.pipeline.window import LARGEST, Window
from posecore.pose import FramePose
from posecore.video import Arrival, LiveSource, VideoWriter, check_size, screen_array

TICK = 0.05  # seconds without a frame after which it is seen whether to stop
LEFT = 0.2  # seconds that a source which is silent may take to hear that it is to stop


def process_live(
    source: LiveSource,
    output: PathLike | None = None,
    json: PathLike | TextIO | None = None,
    options: Options = DEFAULTS,
    *,
    window: Window | None = None,
    duration: float = math.inf,
    progress: bool = False,
) -> LiveSummary:
    """Find the keypoints of a live source until it ends, `source.stop` is set, or the window is closed.

    output: the record of what is drawn. json: JSON Lines, a path or a stream of text. Both are written under their own
    names as it goes on, and stay whatever happens. window: shows what is drawn.
    duration: seconds after which to end. progress: show a bar when stderr is a terminal.

    Raises ValueError and OSError as `process_video` does.
    """
    threads = options.threads or available_cores()
    with ExitStack() as stack:
        stack.enter_context(opencv_threads(options.threads))
        if output:
            check_size(output, source.info.size, source.source.name, live=True)
        model, file = fetch_model(options)
        record = None
        if json:
            meta = meta_of(source.info, source.source.name, model, file, options)
            record = stack.enter_context(LiveWriter(json, meta, wants_everyone(options), model.family.convention))
        writer = stack.enter_context(open_writer(output, source, None, options, threads)) if output else None

        stack.callback(source.stop.set)
        arrivals, meter = _receive(stack, source, options)
        works = stack.enter_context(
            Prefetch(
                follow(
                    arrivals.ticking(TICK),
                    source,
                    lambda: estimator_of(options, file, threads),
                    options,
                    meter,
                    record,
                    duration,
                ),
                "inference",
                ahead=1,
            )
        )
        advance = stack.enter_context(progress_bar(None) if progress else nullcontext(lambda: None))
        _take(works, source, _Shown(writer, window, source, options), advance, duration)
        return meter.summary(())


def _receive(stack: ExitStack, source: LiveSource, options: Options) -> tuple[Prefetch[Arrival], LiveMeter]:
    """The frames, in a thread of their own; a source that is silent is left to itself in the end."""
    if source.lossless:
        return stack.enter_context(Prefetch(source.arrivals(), "receive")), LiveMeter(source, None)
    slot = stack.enter_context(Newest(source.arrivals(), "receive", partial(look_of, options), patience=LEFT))
    return slot, LiveMeter(source, slot)


class _Shown:
    """Where a frame goes that is drawn: into the record, onto the screen."""

    def __init__(self, writer: VideoWriter | None, window: Window | None, source: LiveSource, options: Options) -> None:
        self._writer, self.window, self._options = writer, window, options
        self._matrix = source.info.color.sws_matrix
        self._format = writer.pixel_format if writer else "yuv444p"
        self._past: deque[FramePose] = deque()
        self._past_ms, _ = reach(options)

    def __call__(self, work: Estimated) -> None:
        if not self._writer and not self.window:
            return
        self._past.append(work.shown)
        past = since(self._past, work.shown.timestamp_ms - self._past_ms)
        picture = drawn(work, self._format, self._matrix, self._options, past)
        if self.window:
            self.window.show(screen_array(picture, self._matrix, LARGEST))
        if self._writer:
            self._writer.write(picture, work.frame.time, work.frame.duration)


def _take(
    works: Prefetch[Estimated],
    source: LiveSource,
    show: _Shown,
    advance: Callable[[], object],
    duration: float,
) -> None:
    """Take what is estimated until there is no more; a source that is silent is stopped when its time is over too."""
    end = math.inf
    for work in works.ticking(TICK):
        if work:
            if end == math.inf and not source.lossless:
                end = time.monotonic() + duration
            show(work)
            advance()
        if time.monotonic() > end or (show.window and show.window.closed):
            source.stop.set()
