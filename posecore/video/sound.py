"""The sound of one media file on its way to another: copied where the container takes it, else encoded anew."""

import os
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from posecore.video.container import open_input, start_time

# What players of these containers are known to play. Matroska takes whatever the library can put into it.
COPIED = {
    "mp4": {"aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus"},
    "mov": {"aac", "ac3", "alac", "eac3", "mp2", "mp3", "pcm_f32le", "pcm_s16be", "pcm_s16le", "pcm_s24le"},
    "webm": {"opus", "vorbis"},
}
ENCODERS = {"webm": "libopus"}  # AAC elsewhere
LAYOUTS = ("mono", "stereo", "5.1")  # encoded as they are; others become stereo


class AudioCopy:
    """The audio streams of a file on their way into an open output, handed on bit by bit to keep memory flat.

    Streams that can be neither copied nor decoded are left out; `problem` says so.
    """

    def __init__(self, source: str | os.PathLike[str], output: OutputContainer) -> None:
        self._source = source
        self._input = open_input(source)
        self._output = output
        self._start = start_time(self._input)
        self._dropped: list[str] = []
        self._tracks = {
            stream.index: track for stream in self._input.streams.audio if (track := self._make_track(stream))
        }
        streams = [self._input.streams[index] for index in self._tracks]
        self._packets: Iterator[Packet] = self._input.demux(streams) if streams else iter(())
        self._waiting: Packet | None = None

    def _make_track(self, stream: AudioStream) -> "_Track | None":
        container = self._output.format.name
        try:
            name = stream.codec_context.codec.canonical_name
            if name in COPIED.get(container, self._output.supported_codecs):
                return _Track(stream, self._output.add_stream_from_template(stream), encode=False)
            layout = stream.layout.name if stream.layout.name in LAYOUTS else "stereo"
            encoder = ENCODERS.get(container, "aac")
            rate = 48000 if encoder == "libopus" else min(stream.rate, 48000)
            if encoder == "libopus" and layout == "5.1":
                layout = "stereo"
            return _Track(stream, self._output.add_stream(encoder, rate=rate, layout=layout), encode=True)
        except (av.FFmpegError, ValueError, AttributeError):
            self._dropped.append(stream.name or "unknown")
            return None

    @property
    def problem(self) -> str | None:
        """What was wrong with the sound and could be lived with."""
        codecs = ", ".join(self._dropped)
        return f"{self._source}: sound left out, it cannot be read ({codecs})" if codecs else None

    def advance(self, until: Fraction | None) -> None:
        """Hand on the sound up to a time in seconds, or all that is left for None."""
        while packet := self._next():
            time = packet.pts if packet.pts is not None else packet.dts
            if until is not None and time is not None and time * packet.time_base - self._start > until:
                self._waiting = packet
                return
            self._output.mux(self._tracks[packet.stream.index].convert(packet, self._start))
        if until is None:
            for track in self._tracks.values():
                self._output.mux(track.flush())

    def _next(self) -> Packet | None:
        if packet := self._waiting:
            self._waiting = None
            return packet
        try:
            # An empty packet marks the end of a stream.
            return next((packet for packet in self._packets if packet.size), None)
        except av.FFmpegError:
            return None  # the file is cut off here

    def close(self) -> None:
        """Close the source."""
        self._input.close()


class _Track:
    """One audio stream of the source and the one that it becomes."""

    def __init__(self, source: AudioStream, target: AudioStream, encode: bool) -> None:
        self._source, self._target, self._encode = source, target, encode

    def convert(self, packet: Packet, start: Fraction) -> list[Packet]:
        shift = round(start / packet.time_base)
        if not self._encode:
            packet.pts = None if packet.pts is None else packet.pts - shift
            packet.dts = None if packet.dts is None else packet.dts - shift
            packet.stream = self._target
            return [packet]
        packets = []
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return []  # a damaged packet: silence
        for frame in frames:
            if frame.pts is not None:
                frame.pts -= round(start / frame.time_base)
            packets += self._target.encode(frame)
        return packets

    def flush(self) -> list[Packet]:
        return self._target.encode(None) if self._encode else []
