"""`posecore import`: another program's file as a document."""

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from posecore.cli.messages import guarded, say
from posecore.cli.parser import Parser, check_word, positive
from posecore.cli.status import Status

if TYPE_CHECKING:
    from posecore.formats import VideoFacts


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        "FILE_OR_FOLDER [--from FORMAT] -o PATH [options]",
        "Write a document of what another program has found, for all commands that take one.",
        "docs/formats.md says what each format holds, and what must be added; a wrong name lists them.",
    )
    add = parser.add_argument
    add("source", metavar="FILE_OR_FOLDER", help="what another program has written")
    add("--from", dest="kind", metavar="FORMAT", help="its format (default: by the content)")
    add("-o", "--output", required=True, metavar="PATH", help="document to write")
    add("--video", metavar="VIDEO", help="says size and times of its frames (default: none)")
    add("--size", type=_size, metavar="WxH", help="pixels, without a video (default: none)")
    add("--fps", type=positive, metavar="F", help="frames per second, without a video (default: none)")
    add("--images", metavar="FILE", help="coco: its pictures are the frames (default: none)")
    return parser


def _size(text: str) -> tuple[int, int]:
    if not (found := re.fullmatch(r"([1-9]\d*)[x×]([1-9]\d*)", text)):
        raise argparse.ArgumentTypeError(f"width and height in pixels are wanted, such as 1280x720, got {text}")
    return int(found[1]), int(found[2])


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    parser = make_parser(prog)
    given = parser.parse_args(arguments)
    if given.video and (given.size or given.fps):
        parser.error("--video says the size and when each frame is shown: leave out --size and --fps")
    return guarded(prog, lambda: _import(given, prog), "nothing was written")


def _import(given: argparse.Namespace, prog: str) -> int:
    from posecore.formats import VideoFacts, import_document, readable

    if given.kind:
        check_word(given.kind, readable(), "format that can be imported")
    video = _facts(given.video, prog) if given.video else VideoFacts(given.size, given.fps)
    options = {"images": given.images} if given.images else {}
    import_document(given.source, given.output, given.kind, video, **options)
    return Status.DONE


def _facts(path: str, prog: str) -> "VideoFacts":
    """Of a video, all of which is decoded: only that tells which frames there are, and when each is shown."""
    from posecore.formats import VideoFacts
    from posecore.video import VideoReader

    with VideoReader(path) as video:
        times = [frame.timestamp_ms for frame in video]
        if video.problem:
            say(prog, f"warning: {video.problem}")
        return VideoFacts(video.info.size, float(video.info.fps), times, video.path.name)
