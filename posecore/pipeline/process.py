"""The whole way of one video: decode, estimate, draw and encode, each in its own thread, and write the document.

With one core to use, one thread does all of it, until there are more.
"""

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

from posecore.cores import available_cores, opencv_threads
from posecore.formats import DocumentWriter
from posecore.models import Model, fetch_model
from posecore.options import DEFAULTS, Options
from posecore.pipeline.files import PathLike, check_paths, open_writer, problems
from posecore.pipeline.filling import fill
from posecore.pipeline.looks import looks
from posecore.pipeline.meter import Meter, Summary
from posecore.pipeline.opening import estimator_of, meta_of, wants_everyone
from posecore.pipeline.prefetch import stage
from posecore.pipeline.progress import progress_bar
from posecore.pipeline.stages import draw_and_encode, estimate, shrink
from posecore.pose import FramePose
from posecore.video import Segment, VideoReader, check_size


def process_video(
    source: PathLike,
    output: PathLike | None = None,
    json: PathLike | None = None,
    options: Options = DEFAULTS,
    progress: bool = False,
    on_frame: Callable[[], None] | None = None,
    segment: Segment | None = None,
    on_people: Callable[[FramePose], None] | None = None,
    cores: Callable[[], int] | None = None,
) -> Summary:
    """Find the keypoints of a video; write the annotated video to `output`, the JSON document to `json`, or both.

    Existing files are replaced when the new ones are complete, and are left as they are when anything fails.
    progress: show a bar when stderr is a terminal. on_frame: is called after every frame.
    segment: a part of what the options ask for, to be joined with others: with its times in the source, without sound.
    on_people: is called with the people of every frame, those of the frames before a segment, to warm up on, too.
    cores: how many there are to use by now, where that may grow while it runs; None is as the options say.

    Raises ValueError, OSError (FileNotFoundError, ConnectionError …) with the file and the cure in the message.
    """
    check_paths(source, output, json)
    stretch = None if segment else Segment.between(options.start, options.end)
    segment = segment or stretch or Segment()
    threads = options.threads or available_cores()
    by_now = cores or (lambda: threads)
    with ExitStack() as stack:
        stack.enter_context(opencv_threads(options.threads))
        # More threads for decoding only cost more: it is not the slowest stage.
        video = stack.enter_context(VideoReader(source, max(1, threads // 2)))
        if output:
            check_size(output, video.info.size, source)
        model, file = fetch_model(options)
        document = stack.enter_context(_document(json, video, model, file, options, stretch)) if json else None
        writer = stack.enter_context(open_writer(output, video, stretch, options, threads)) if output else None

        asked = looks(segment.frames(video), options.every, options.max_rate, segment)
        frames = stage(stack, shrink(asked, options.max_side), "decode", by_now)
        estimator, meter = stack.enter_context(estimator_of(options, file, threads)), Meter()
        found = estimate(frames, estimator, meter, segment, on_people)
        works = stage(stack, fill(found, meter, segment), "inference", by_now)
        if writer:
            works = stage(stack, draw_and_encode(works, writer, options), "draw and encode", by_now)
        with progress_bar(segment.frame_count(video.info)) if progress else nullcontext(lambda: None) as advance:
            for work in works:
                if document and not (work.interpolated and options.sparse):
                    document.write(work.pose)
                advance()
                if on_frame:
                    on_frame()
        if segment.first is None:
            raise ValueError(f"{segment.missing_in(source)}; give another --start or --end")
        for written in (writer, document):
            if written:
                written.close()
        return meter.summary(problems(video, writer))


def _document(
    json: PathLike, video: VideoReader, model: Model, file: Path, options: Options, stretch: Segment | None
) -> DocumentWriter:
    meta = meta_of(video.info, video.path.name, model, file, options)
    from_zero = stretch is not None and options.from_zero
    return DocumentWriter(json, meta, wants_everyone(options), model.family.convention, from_zero)
