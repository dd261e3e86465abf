"""The sound of one media file on its way to another: copied where browsers play it there, else encoded anew."""

import math
import os
from collections import deque
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from posecore.video.container import kinds, start_time
from posecore.video.facts import Facts, facts_of
from posecore.video.metadata import label, read_metadata
from posecore.video.shown import open_media, shown_track
from posecore.video.sound_encoder import SoundEncoder
from posecore.video.timeline import RECEIVED, Timeline

# What browsers play in these containers. Matroska takes whatever the library can put into it.
COPIED = {
    "mp4": {"aac", "flac", "mp3", "opus"},
    "mov": {"aac", "mp3"},
    "webm": {"opus", "vorbis"},
}
MP3_LOWEST = 16000  # samples a second; lower ones are no standard in mp4
AHEAD = 10  # seconds of a file in which all its sound has begun
GROWING = RECEIVED | {"flv", "live_flv"}  # containers in which streams may begin anywhere
STEP = Fraction(1, 1000)  # seconds from a packet to the next, at least


class AudioCopy:
    """The audio streams of a file on their way into an open output, handed on bit by bit to keep memory flat.

    origin: where on the file's clock, in seconds, the output begins; None is where the file does.
    Streams that can be neither copied nor decoded are left out; `problem` says so.
    """

    def __init__(self, source: str | os.PathLike[str], output: OutputContainer, origin: Fraction | None = None) -> None:
        self._source = source
        self._input = open_media(Path(source))
        self._output = output
        begins = start_time(self._input)
        self._origin = begins if origin is None else origin
        self._begins_late = self._origin > begins  # what was before it is left out
        self._dropped: list[str] = []
        facts = facts_of(self._input) if self._input.streams.audio else {}
        self._packets = Timeline(self._input, shown_track(self._input)).packets()
        self._waiting = self._look_ahead()
        self._tracks = {
            stream.index: track
            for stream in self._input.streams.audio
            if (track := self._make_track(stream, facts.get(stream.index, Facts())))
        }
        self._later: list[str] = []
        self._grows = bool(kinds(self._input) & GROWING)

    def _look_ahead(self) -> deque[Packet]:
        """Sound from the beginning until there is some of every stream, or AHEAD seconds of the file were read."""
        left, found, begin = {stream.index for stream in self._input.streams.audio}, deque[Packet](), None
        self._never_come: set[int] = set()
        self._encrypted: set[int] = set()
        with suppress(av.FFmpegError):
            while left:
                packet = next(self._packets, None)
                if packet is None:
                    self._never_come = left
                    break
                if packet.size and packet.stream.type == "audio":
                    left.discard(packet.stream.index)
                    found.append(packet)
                    if packet.has_sidedata("encryption_info"):
                        self._encrypted.add(packet.stream.index)
                if packet.dts is not None:
                    seconds = packet.dts * packet.time_base
                    begin = seconds if begin is None else begin
                    if seconds - begin > AHEAD:
                        break
        return found

    def _make_track(self, stream: AudioStream, facts: Facts) -> "_Track | None":
        container, context = self._output.format.name, stream.codec_context
        if context is None or stream.index in self._encrypted or "enc_key_id" in stream.metadata:
            self._dropped.append(f"{facts.codec}: unknown or encrypted")
            return None
        if not context.sample_rate or stream.index in self._never_come:
            when = "does not come" if stream.index in self._never_come else "comes late"
            self._dropped.append(f"{facts.codec}: announced, and {when}")
            return None
        try:
            if _is_copied(container, self._output, context.codec.canonical_name, context.sample_rate, facts):
                encoder, copy = None, self._output.add_stream_from_template(stream)
            else:
                encoder = SoundEncoder(self._output, context, facts)
                copy = encoder.stream
            label(copy, read_metadata(self._input, stream).stream, container)
            return _Track(facts.codec, copy, encoder)
        except (av.FFmpegError, ValueError):
            self._dropped.append(facts.codec)
            return None

    @property
    def problem(self) -> str | None:
        """What was wrong with the sound and could be lived with."""
        silent = [track.codec for track in self._tracks.values() if track.damaged and not track.good]
        damaged = sum(track.damaged for track in self._tracks.values())
        problems = []
        if codecs := ", ".join(self._dropped + [f"{codec}: damaged" for codec in silent]):
            problems.append(f"sound left out, it cannot be read ({codecs})")
        elif damaged:
            problems.append(f"{damaged} damaged part{'s' * (damaged > 1)} of the sound left out")
        if self._later:
            problems.append(f"sound left out, it begins in the middle of the file ({', '.join(self._later)})")
        return f"{self._source}: {'; '.join(problems)}" if problems else None

    def begin(self, time: Fraction) -> None:
        """Leave out what comes before a time in seconds, which is 0 from now on; nothing may be handed on yet."""
        self._origin += time
        self._begins_late |= time > 0

    def advance(self, until: Fraction) -> None:
        """Hand on the sound up to a time in seconds."""
        if self._tracks:
            self._hand_on(until)

    def finish(self, end: Fraction | None = None) -> None:
        """Hand on the rest: what begins before a time in seconds, or all that is left for None."""
        if self._tracks or (end is None and self._grows):
            self._hand_on(None if end is None else end - STEP)
        for track in self._tracks.values():
            self._mux(track, track.flush())
        if end is None:
            self._look_for_later_ones()

    def _hand_on(self, until: Fraction | None) -> None:
        while packet := self._next():
            time = packet.pts if packet.pts is not None else packet.dts
            seconds = None if time is None else time * packet.time_base - self._origin
            if until is not None and seconds is not None and seconds > until:
                self._waiting.appendleft(packet)
                return
            if self._begins_late and seconds is not None and seconds < 0:
                continue
            track = self._tracks[packet.stream.index]
            self._mux(track, track.convert(packet, self._origin))

    def _look_for_later_ones(self) -> None:
        """At the end of a file, note the sound of which its beginning knew nothing: PyAV does not give it."""
        if self._grows:
            known = len(self._input.streams)
            self._later = [f.codec for n, f in facts_of(self._input).items() if n >= known and f.kind == "Audio"]

    def _mux(self, track: "_Track", packets: list[Packet]) -> None:
        for packet in packets:
            try:
                self._output.mux_one(packet)
            except av.FFmpegError as error:
                if isinstance(error, OSError):
                    raise
                track.damaged += 1  # it is not what its codec says

    def _next(self) -> Packet | None:
        """The next packet of a track; an empty one marks the end of a stream."""
        with suppress(av.FFmpegError):  # the file is cut off there
            for packet in chain(iter(self._pop, None), self._packets):
                if packet.size and packet.stream.index in self._tracks:
                    return packet
        return None

    def _pop(self) -> Packet | None:
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Close the source."""
        self._input.close()


def _is_copied(container: str, output: OutputContainer, codec: str, rate: int, facts: Facts) -> bool:
    if facts.labels and codec.startswith("pcm"):  # no container written has an order of its own for it
        return False
    if codec == "mp3" and container in ("mp4", "mov") and rate < MP3_LOWEST:
        return False
    return codec in COPIED.get(container, output.supported_codecs)


class _Track:
    """One audio stream of the output, and its encoder if it is not copied.

    codec: of the source. good, damaged: how many of its packets could be used, and could not.
    """

    def __init__(self, codec: str, stream: AudioStream, encoder: SoundEncoder | None) -> None:
        self.codec, self.good, self.damaged = codec, 0, 0
        self._stream, self._encoder = stream, encoder
        self._earliest = Fraction(-AHEAD)  # seconds: when the next packet may come

    def convert(self, packet: Packet, origin: Fraction) -> list[Packet]:
        shift = round(origin / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - shift
        packet.dts = None if packet.dts is None else packet.dts - shift
        if not self._encoder:
            self.good += 1
            packet.stream = self._stream
            return self._in_order([packet])
        packets: list[Packet] = []
        try:
            for frame in packet.decode():
                packets += self._encoder.encode(frame)
                self.good += 1
        except av.FFmpegError:
            self.damaged += 1
        return self._in_order(packets)

    def flush(self) -> list[Packet]:
        try:
            return self._in_order(self._encoder.flush()) if self._encoder else []
        except av.FFmpegError:
            self.damaged += 1
            return []

    def _in_order(self, packets: list[Packet]) -> list[Packet]:
        """Times only rise, whatever the file says; only very short packets share one."""
        for packet in packets:
            dts = packet.dts if packet.dts is not None else packet.pts
            time = self._earliest if dts is None else dts * packet.time_base
            if dts is None or time < self._earliest:
                dts = math.ceil(self._earliest / packet.time_base)
                packet.pts = dts if packet.pts is None else max(dts, packet.pts)
                self._earliest += STEP
            else:
                self._earliest = time + (STEP if packet.duration * packet.time_base > STEP else 0)
            packet.dts = dts
        return packets
