"""Several videos of the same encoder become one, without encoding anything anew."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction

import av
from av.packet import Packet

from posecore.files import replacing, writing
from posecore.video.container import muxer_options, open_input, output_format
from posecore.video.reader import VideoReader
from posecore.video.sound import AudioCopy


def join_videos(
    parts: Sequence[tuple[str | os.PathLike[str], Fraction]],
    path: str | os.PathLike[str],
    sound_of: str | os.PathLike[str],
) -> str | None:
    """Put videos that VideoWriter wrote with the same options one after the other, without encoding anything anew.

    parts: each with the time in seconds of its first frame, in order. path: as of VideoWriter.
    sound_of: a media file whose sound is carried over; returns what was wrong with it, if anything.
    """
    name, _ = output_format(path)
    with ExitStack() as stack:
        temporary = stack.enter_context(replacing(path))
        stack.enter_context(writing(path))
        output = stack.enter_context(av.open(f"file:{temporary}", "w", format=name, options=muxer_options(name)))
        with open_input(parts[0][0]) as first:
            stream = output.add_stream_from_template(first.streams.video[0])
        audio = stack.enter_context(closing(AudioCopy(sound_of, output, _origin(sound_of))))
        last = None
        for part, start in parts:
            for packet in _shifted(part, start):
                packet.stream = stream
                # Where frames are reordered a part begins to be decoded before its first frame is shown.
                packet.dts = packet.dts if last is None else max(packet.dts, last + 1)
                last = packet.dts
                audio.advance(packet.pts * packet.time_base)
                output.mux_one(packet)
        audio.advance(None)
        return audio.problem


def _origin(path: str | os.PathLike[str]) -> Fraction | None:
    """Where on its own clock a video begins; None for a file of sound alone."""
    try:
        with VideoReader(path) as video:
            return video.info.origin
    except ValueError:
        return None


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
