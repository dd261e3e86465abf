"""Several videos of the same encoder become one, without encoding anything anew."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction

import av
from av.packet import Packet

from posecore.files import replacing, writing
from posecore.video.container import muxer_options, open_input, output_format
from posecore.video.metadata import Metadata, label
from posecore.video.reader import VideoReader
from posecore.video.segment import Segment
from posecore.video.sound import AudioCopy


def join_videos(
    parts: Sequence[tuple[str | os.PathLike[str], Fraction]],
    path: str | os.PathLike[str],
    sound_of: str | os.PathLike[str],
    segment: Segment | None = None,
    keep_metadata: bool = False,
) -> str | None:
    """Put videos that VideoWriter wrote with the same options one after the other, without encoding anything anew.

    parts: each with the time in seconds of its first frame, in order. path, segment, keep_metadata: as of VideoWriter.
    sound_of: a media file whose sound, and what it says of itself, is carried over; returns what was wrong with the
    sound, if anything.
    """
    name, _ = output_format(path)
    segment = segment or Segment()
    with ExitStack() as stack:
        temporary = stack.enter_context(replacing(path))
        stack.enter_context(writing(path))
        muxing = muxer_options(name, keep_metadata)
        output = stack.enter_context(av.open(f"file:{temporary}", "w", format=name, options=muxing))
        with open_input(parts[0][0]) as first:
            stream = output.add_stream_from_template(first.streams.video[0])
        origin, metadata = _look_at(sound_of)
        output.metadata.update(metadata.kept(keep_metadata))
        label(stream, metadata.stream, name)
        audio = stack.enter_context(closing(AudioCopy(sound_of, output, origin)))
        zero, end = segment.zero(parts[0][1]), Fraction(0)
        audio.begin(zero)
        last = None
        for part, start in parts:
            for packet in _shifted(part, start - zero):
                packet.stream = stream
                # Where frames are reordered a part begins to be decoded before its first frame is shown.
                packet.dts = packet.dts if last is None else max(packet.dts, last + 1)
                last = packet.dts
                audio.advance(packet.pts * packet.time_base)
                end = max(end, (packet.pts + packet.duration) * packet.time_base)
                output.mux_one(packet)
        audio.finish(segment.sound_end(end))
        return audio.problem


def _look_at(path: str | os.PathLike[str]) -> tuple[Fraction | None, Metadata]:
    """Where on its own clock a video begins, None for a file of sound alone; and what it says of itself."""
    try:
        with VideoReader(path) as video:
            return video.info.origin, video.info.metadata
    except ValueError:
        return None, Metadata()


def _shifted(path: str | os.PathLike[str], start: Fraction) -> Iterator[Packet]:
    """The packets of a video, moved so that the first frame is shown at `start`."""
    with open_input(path) as container:
        shift = None
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is None or packet.dts is None:  # the end
                continue
            if shift is None:
                shift = round(start / packet.time_base) - packet.pts
            packet.pts += shift
            packet.dts += shift
            yield packet
