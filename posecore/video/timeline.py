"""The clock of a file: the one place that decides when its pictures and its sound come.

In recordings put together the clock begins anew or leaps; here it goes on where it stopped, for pictures and sound
alike. A pause stays a pause. Whoever reads the same file from its beginning gets the same times.
"""

import heapq
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from posecore.video.container import kinds, start_time

BACK = Fraction(1, 4)  # seconds that a clock may step back without having been set anew
FAR = Fraction(30)  # a longer step ahead is no pause where a receiver's clock can be set
SHOWN_ONLY = {"matroska"}  # containers that say only when a picture is shown: FFmpeg makes up when it is decoded
RECEIVED = {"mpegts", "mpeg", "mpegtsraw"}  # containers with such a clock
NEAR = Fraction(1)  # what goes on with less of a gap than this goes on
WHILE = 3  # packets after which a leap is believed
# Bare streams of pictures, which have no times: those that FFmpeg gives them are made up.
BARE = {"apv", "av1", "avs2", "avs3", "cavsvideo", "dirac", "dnxhd", "evc", "h261", "h263", "h264", "hevc", "ipu"}
BARE |= {"m4v", "mjpeg", "mjpeg_2000", "mpegvideo", "obu", "vc1", "vvc"}
# Containers that say only when a picture is decoded, and codecs of which FFmpeg does not know when it is shown then.
CODED_ONLY = {"asf", "avi"}, {"h264", "hevc", "vvc"}
TOP_RATE = 480  # frames per second; a higher promise is counted before it is believed


@dataclass
class _Clock:
    """Of one stream, in ticks of its time base: the last time, the step to the next, what is added to every time.

    back, far: how far a time may be before the last or after it.
    """

    base: Fraction
    back: int
    far: float
    last: int | None = None
    step: int = 0
    shift: int = 0
    before: tuple[int, int] | None = None  # `last` and `shift` of before a leap, while that may be an error
    left: int = 0

    def seconds(self, ticks: int) -> Fraction:
        return ticks * self.base

    def leaps_to(self, ticks: int) -> bool:
        """Whether a time is not one that follows the last."""
        return self.last is not None and not -self.back - self.step <= ticks - self.last <= self.far

    def returns_to(self, ticks: int) -> bool:
        """Whether a time follows the one before the leap: the leap was a wrong time or two."""
        return self.before is not None and 0 < ticks - self.before[0] <= 2 * WHILE * max(1, self.step)


class Timeline:
    """The packets of a file's pictures and sound, their times put right.

    stream: of the pictures that are shown; None when there are none.
    leaps: how often the clock of the pictures was set anew.
    """

    def __init__(self, container: InputContainer, stream: VideoStream | None) -> None:
        self._container = container
        self._streams: list[Stream] = [*([stream] if stream else []), *container.streams.audio]
        self._shown = stream
        received = bool(kinds(container) & RECEIVED)
        self._shown_only = bool(kinds(container) & SHOWN_ONLY)
        self._clocks = {
            each.index: _Clock(
                each.time_base, int(BACK / each.time_base), int(FAR / each.time_base) if received else math.inf
            )
            for each in self._streams
            if each.time_base
        }
        self.leaps = 0

    def packets(self) -> Iterator[Packet]:
        """Yield every packet of pictures and sound as the file has them; an empty one ends each stream."""
        packets = self._container.demux(self._streams)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, IndexError):  # PyAV's, at the end of a file in which more streams have begun
                return
            time = packet.pts if self._shown_only else packet.dts
            if time is not None:
                self._put_right(packet, time, self._clocks[packet.stream.index])
            yield packet

    def _put_right(self, packet: Packet, time: int, clock: _Clock) -> None:
        if clock.last is None or packet.is_keyframe or not self._shown_only:
            self._follow(packet, time, clock)
        else:
            # From one key picture to the next they do not come in the order shown.
            clock.last, clock.step = max(clock.last, time), packet.duration or clock.step
        if clock.shift:
            packet.pts = None if packet.pts is None else packet.pts + clock.shift
            packet.dts = None if packet.dts is None else packet.dts + clock.shift

    def _follow(self, packet: Packet, time: int, clock: _Clock) -> None:
        if clock.before is not None:
            self._doubt(clock, time)
        if clock.leaps_to(time) and not self._pauses(clock, time):
            self._leap(clock, time, packet.stream is self._shown)
        elif clock.last is not None and time > clock.last:
            clock.step = packet.duration or time - clock.last
        clock.last = time

    def _doubt(self, clock: _Clock, time: int) -> None:
        """Soon after a leap: go back to the clock of before if that goes on."""
        if clock.returns_to(time) and clock.before:
            clock.last, clock.shift = clock.before
            clock.before = None
        elif clock.left > 0:
            clock.left -= 1
        else:
            clock.before = None

    def _pauses(self, clock: _Clock, ticks: int) -> bool:
        """Whether a far step ahead is a pause: the other streams are there already, by the same clock."""
        if clock.last is None or ticks < clock.last:
            return False
        shift, time = clock.seconds(clock.shift), clock.seconds(ticks)
        return any(
            other.last is not None
            and other.seconds(other.shift) == shift
            and abs(other.seconds(other.last) - time) < FAR / 3
            for other in self._clocks.values()
            if other is not clock
        )

    def _leap(self, clock: _Clock, time: int, shown: bool) -> None:
        """Go on where the stream stopped, as another stream has done before if that fits."""
        assert clock.last is not None
        goes_on = clock.seconds(clock.last + clock.step + clock.shift)
        shift = goes_on - clock.seconds(time)
        for other in self._clocks.values():
            if other is not clock and other.shift != 0 and abs(other.seconds(other.shift) - shift) < NEAR:
                shift = other.seconds(other.shift)
        clock.before, clock.left = (clock.last, clock.shift), WHILE
        clock.shift = round(shift / clock.base)
        self.leaps += shown


def coded_only(container: InputContainer, stream: VideoStream) -> bool:
    """Whether what packets say of when they are shown is made up."""
    containers, codecs = CODED_ONLY
    return bool(kinds(container) & containers) and stream.codec_context.codec.canonical_name in codecs


@dataclass
class PictureTimes:
    """When decoded pictures are shown, in seconds of the file's clock.

    fps: of a stream without times, whose pictures are counted; else None.
    coded_only: see the function. known: whether every packet so far said when its picture is shown.
    """

    fps: Fraction | None
    coded_only: bool = False
    known: bool = True
    _count: int = 0
    _coded: list[int] = field(default_factory=list)  # times of decoding, of pictures that have no other

    def sent(self, packet: Packet) -> None:
        """Note a packet that is about to be decoded."""
        if packet.dts is not None and (packet.pts is None or self.coded_only):
            self.known = False
            heapq.heappush(self._coded, packet.dts)

    def lost(self) -> None:
        """Note that the last packet gave no picture."""
        if self._coded:
            self._coded.remove(max(self._coded))
            heapq.heapify(self._coded)

    def time(self, picture: VideoFrame) -> Fraction | None:
        """Of the next picture shown; None when nothing says."""
        if self.fps:
            self._count += 1
            return (self._count - 1) / self.fps
        if picture.pts is not None and not self.coded_only:
            return picture.pts * picture.time_base
        # Times of decoding only: the pictures come at them in another order, one each.
        return heapq.heappop(self._coded) * picture.time_base if self._coded else None


def origin(container: InputContainer, stream: VideoStream, first: Fraction, fps: Fraction) -> Fraction:
    """Where on the file's clock its time 0 is: where pictures or sound begin.

    first: when the first picture is shown. Sound of pictures that cannot be decoded is not waited for.
    """
    begins = stream.start_time
    missing = begins is not None and first - begins * stream.time_base > 2 / fps
    if missing or not container.streams.audio:
        return first
    return min(first, start_time(container))


def promised_rate(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Frames per second as the container, or a bare stream itself, states them; None for nothing or nonsense."""
    bare = kinds(container) & BARE
    rates = [stream.codec_context.framerate] if bare else []
    rates += [stream.average_rate, stream.guessed_rate if bare or stream.average_rate else None]
    return next((rate for rate in rates if rate and 0 < rate <= TOP_RATE), None)


def counted_rate(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """(pictures - 1) / (last - first): read from all of a file, without decoding; None for fewer than two."""
    count, first, last = 0, None, None
    with suppress(av.FFmpegError):  # where the file is cut off
        for packet in Timeline(container, stream).packets():
            time = packet.pts if packet.pts is not None else packet.dts
            if packet.stream is stream and packet.size and time is not None:
                count += 1
                first = time if first is None else min(first, time)
                last = time if last is None else max(last, time)
    if first is None or last is None or last == first:
        return None
    return ((count - 1) / ((last - first) * stream.time_base)).limit_denominator(1_000_000)
