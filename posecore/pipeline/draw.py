"""The annotated video from a document that is there: decode, draw, encode; nothing is looked for."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, nullcontext
from dataclasses import replace

from posecore.cores import available_cores, opencv_threads
from posecore.files import refuse_inputs
from posecore.formats import stream_document
from posecore.options import DEFAULTS, Options
from posecore.pipeline.files import PathLike, check_paths, open_writer, problems
from posecore.pipeline.filling import fill
from posecore.pipeline.prefetch import stage
from posecore.pipeline.progress import progress_bar
from posecore.pipeline.stages import Estimated, draw_and_encode
from posecore.pose import FramePose
from posecore.video import Frame, Segment, VideoReader, check_size


def draw_video(
    source: PathLike, document: PathLike, output: PathLike, options: Options = DEFAULTS, progress: bool = False
) -> tuple[str, ...]:
    """Write to `output` the video `source` with the people of its document drawn on; return what to warn of.

    It is what `process_video` writes, to the bit, without text: the document does not say how long anything took. What
    a sparse document leaves out is filled in from what it has, and may lie 1/16 of a pixel beside.
    options: those of drawing and writing count, and the stretch that the document is of.
    progress: show a bar when stderr is a terminal.

    Raises ValueError when the document is none, or of another video: one of another size or with another number of
    frames; and what `process_video` raises.
    """
    check_paths(source, output, None)
    refuse_inputs(output, document)
    options = replace(options, perf_text=False)
    threads = options.threads or available_cores()
    with ExitStack() as stack:
        stack.enter_context(opencv_threads(options.threads))
        meta, poses = stream_document(document)
        stack.enter_context(closing(poses))
        video = stack.enter_context(VideoReader(source, max(1, threads // 2)))
        check_size(output, video.info.size, source)
        width, height = video.info.size
        if (meta.get("width"), meta.get("height")) != (width, height):
            said = f"{meta.get('width')}×{meta.get('height')}"
            raise ValueError(
                f"{document}: is of a video of {said} pixels, {source} has {width}×{height}; give its own video"
            )
        stretch = Segment.between(options.start, options.end)
        writer = stack.enter_context(open_writer(output, video, stretch, options, threads))
        frames = (frame for frame in stretch.frames(video) if stretch.owns(frame))
        names = {int(track_id): name for track_id, name in meta.get("track_names", {}).items() if track_id.isdecimal()}
        sparse = bool(meta.get("sparse"))
        known = _put_together(frames, poses, sparse, f"{document}: is not of {source}")
        works = stage(stack, fill(known, None, stretch) if sparse else known, "decode", lambda: threads)
        drawn = stage(stack, draw_and_encode(works, writer, options, names), "draw and encode", lambda: threads)
        with progress_bar(stretch.frame_count(video.info)) if progress else nullcontext(lambda: None) as advance:
            for _ in drawn:
                advance()
        writer.close()
        return problems(video, writer)


def _put_together(
    frames: Iterable[Frame], poses: Iterator[FramePose], sparse: bool, complaint: str
) -> Generator[Estimated, None, None]:
    """Every frame with its people; ValueError, beginning with the complaint, where there are more of one.

    sparse: whether the document leaves out the frames that are to be filled in.
    """
    number, pose = -1, next(poses, None)
    first = pose.index if pose else 0
    for number, frame in enumerate(frames):
        if pose is None:
            cure = "give the --start and --end of its run if it is of a stretch"
            raise ValueError(f"{complaint}: the document has {number} frames, the video has more; {cure}")
        if sparse and pose.index - first > number:
            yield Estimated(frame, interpolated=True)
        else:
            yield Estimated(frame, pose.persons)
            pose = next(poses, None)
    if pose is not None:
        raise ValueError(f"{complaint}: the video has {number + 1} frames, the document has more")
