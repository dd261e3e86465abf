"""The files of a run: whether they may be what they are named for, how the video is written, what was wrong."""

import os

from posecore.files import refuse_inputs
from posecore.options import Options
from posecore.video import LiveSource, Segment, VideoReader, VideoWriter, output_format

PathLike = str | os.PathLike[str]


def check_paths(source: PathLike, output: PathLike | None, json: PathLike | None) -> None:
    """Raise ValueError when nothing is to be written, or one file would be two of these."""
    if not output and not json:
        raise ValueError("nothing to write: give an output video, a JSON file, or both")
    if output:
        output_format(output)
    for path in (output, json):
        if path:
            refuse_inputs(path, source)
    if output and json and os.path.realpath(output) == os.path.realpath(json):
        raise ValueError(f"{json}: is the output and the JSON; name two files")


def open_writer(
    output: PathLike, video: VideoReader | LiveSource, stretch: Segment | None, options: Options, threads: int
) -> VideoWriter:
    """As the options say. stretch: of the video that is written, with its sound; None is a part of it, without."""
    sound_of = video.path if stretch and isinstance(video, VideoReader) else None
    return VideoWriter(
        output,
        video.info,
        sound_of,
        stretch,
        keep_metadata=options.keep_metadata,
        crf=options.crf,
        preset=options.preset,
        threads=threads,
        live=isinstance(video, LiveSource),
    )


def problems(video: VideoReader, writer: VideoWriter | None) -> tuple[str, ...]:
    """What was wrong with the video and its sound and could be lived with."""
    found = video.problem, writer.problem if writer else None
    return tuple(problem for problem in found if problem)
