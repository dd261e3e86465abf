"""The pictures of a file as they are decoded, each with its time on the file's clock; and searching in them."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame

from posecore.video.container import error_text, kinds
from posecore.video.facts import Facts, facts_of
from posecore.video.shown import ENCRYPTED, decodable_track, open_media, refuse_stills
from posecore.video.timeline import BARE, PictureTimes, Timeline, coded_only, counted_rate, promised_rate

SEARCHED = {"mov", "matroska"}  # containers with an index that can be relied on; the others are read from the front
BACK = (0, 4, 30, 200)  # seconds further back to begin, one after the other, if the decoder needs more to begin with
LONGEST = 3600  # seconds that a picture is shown; more is an error
MANY = 30  # pictures without a time at the beginning that are waited with for one


class Picture(NamedTuple):
    """time, duration: seconds of the file's clock; a duration of 0 is unknown."""

    time: Fraction
    duration: Fraction
    frame: VideoFrame


class Decoder:
    """A file whose pictures are decoded.

    fps: frames per second, promised or counted. leaps: how often the file's clock was set anew so far.
    broken: why reading stopped early. damaged, damage: how many parts could not be decoded, and why the last.

    Raises as VideoReader does.
    """

    THREADING = "AUTO"  # how a decoder uses several threads

    def __init__(self, path: Path, threads: int | None) -> None:
        self.path = path
        self._threads = threads
        self._counted: Fraction | None = None
        self.broken, self.damaged, self.damage = "", 0, ""
        self._open()
        try:
            self.fps = promised_rate(self.container, self.stream) or self._count_rate() or Fraction(25)
        except BaseException:
            self.close()
            raise
        if kinds(self.container) & BARE:
            self._times.fps = self._counted = self.fps

    def _open(self) -> None:
        self.container = self._open_container()
        try:
            facts = facts_of(self.container)
            self.stream = decodable_track(self.path, self.container, facts)
        except BaseException:
            self.container.close()
            raise
        self.stream.codec_context.thread_count = self._threads or 0
        self.stream.thread_type = self.THREADING
        self._whole_packets = bool(kinds(self.container) & SEARCHED)
        self._crop = facts.get(self.stream.index, Facts()).crop
        self._cropped: tuple[object, Graph] | None = None
        self._start()

    def _open_container(self) -> InputContainer:
        container = open_media(self.path)
        try:
            refuse_stills(self.path, container)
        except BaseException:
            container.close()
            raise
        return container

    def _start(self) -> None:
        """Read on from where the container is."""
        self._timeline = Timeline(self.container, self.stream)
        self._times = PictureTimes(self._counted, coded_only(self.container, self.stream))
        self._packets: Iterator[Packet] = (each for each in self._timeline.packets() if each.stream is self.stream)

    def _reopen(self) -> None:
        self.container.close()
        self._open()

    def _count_rate(self) -> Fraction | None:
        rate = counted_rate(self.container, self.stream)
        self._reopen()
        return rate

    @property
    def leaps(self) -> int:
        """How often the file's clock was set anew so far."""
        return self._timeline.leaps

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def pictures(self) -> Generator[Picture, None, None]:
        """Yield every picture from where the file is read; once."""
        waiting: list[VideoFrame] = []
        step, last = 1 / self.fps, None
        for frame in self._frames():
            time = self._times.time(frame)
            if time is None and last is None and len(waiting) < MANY:
                waiting.append(frame)  # those before the first time that is known
                continue
            if time is None:
                time = Fraction(0) if last is None else last + step
            for left, early in zip(range(len(waiting), 0, -1), waiting, strict=True):
                yield self._picture(time - left * step, early)
            waiting, last = [], time
            yield self._picture(time, frame)
        for number, frame in enumerate(waiting):
            yield self._picture(number * step, frame)

    def pictures_since(self, time: Fraction) -> Generator[Picture, None, None]:
        """Yield the pictures from one on that is shown at `time` or before; from the beginning if there is none."""
        for back in BACK if not self._counted and self._times.known else ():
            pictures = self._pictures_since_key(time - back)
            first = next(pictures, None)
            # Where pictures are refreshed part by part, the first that comes is not the key picture, nor right.
            if first is not None and first.time <= time and first.frame.key_frame:
                yield first
                yield from pictures
                return
            pictures.close()
        self._reopen()
        yield from self.pictures()

    def count(self, begin: Fraction, end: Fraction) -> int:
        """How many pictures are shown from one time on and before another, by what packets say, without decoding."""
        found = 0
        with open_media(self.path) as container, suppress(av.FFmpegError):
            stream = container.streams[self.stream.index]
            for packet in Timeline(container, stream).packets():
                if packet.stream is not stream:
                    continue
                if packet.dts is not None and packet.dts * packet.time_base > end:
                    break
                shown = _time(packet)
                found += bool(packet.size) and not packet.is_discard and shown is not None and begin <= shown < end
        return found

    def _pictures_since_key(self, time: Fraction) -> Generator[Picture, None, None]:
        """Yield the pictures from the last key picture on that is shown at `time` or before, if it can be found."""
        find = self._search_key if kinds(self.container) & SEARCHED else self._read_to_key
        found = find(time)
        if found is not None:
            # What comes after the key picture and is shown before it refers to pictures before it.
            yield from (picture for picture in self.pictures() if picture.time >= found)

    def _search_key(self, time: Fraction) -> Fraction | None:
        """Go to a key picture by the container's index, and make it the next one; its time."""
        try:
            self.container.seek(int(time / self.stream.time_base), stream=self.stream)
        except av.FFmpegError:
            return None
        self._start()
        for packet in self._packets:
            if packet.is_keyframe and (found := _time(packet)) is not None:
                self._packets = chain([packet], self._packets)
                return found if found <= time else None
        return None

    def _read_to_key(self, time: Fraction) -> Fraction | None:
        """Read, without decoding, twice from the beginning to find a key picture and to make it the next one."""
        self._reopen()
        place, found = 0, None
        with suppress(av.FFmpegError):
            for number, packet in enumerate(self._packets):
                shown = _time(packet)
                if packet.is_keyframe and shown is not None and shown <= time:
                    place, found = number, shown
                if packet.dts is not None and packet.dts * packet.time_base > time:
                    break
        self._reopen()
        for _ in range(place):  # they came just now
            next(self._packets)
        return found

    def _frames(self) -> Iterator[VideoFrame]:
        first = True
        while True:
            try:
                packet = next(self._packets)
            except StopIteration:
                return
            except av.FFmpegError as stop:
                self.broken = error_text(stop)
                yield from self._held_back()
                return
            if first and packet.has_sidedata("encryption_info"):
                raise ValueError(f"{self.path}: {ENCRYPTED}")
            first = False
            self._times.sent(packet)
            if packet.is_corrupt and self._whole_packets:
                self._note_damage("cut off")  # how much of it, and of those before, comes out depends on the threads
                continue
            try:
                yield from packet.decode()
            except av.FFmpegError as error:
                self._note_damage(error_text(error))

    def _note_damage(self, what: str) -> None:
        self._times.lost()
        self.damaged, self.damage = self.damaged + 1, what

    def _held_back(self) -> Iterator[VideoFrame]:
        """What the decoder waits with to bring pictures into order; at the end of a whole file it gives that itself."""
        end = Packet()
        end.stream, end.time_base = self.stream, self.stream.time_base
        try:
            yield from end.decode()
        except av.FFmpegError as error:
            self._note_damage(error_text(error))

    def _picture(self, time: Fraction, frame: VideoFrame) -> Picture:
        duration = Fraction(0) if self._counted else frame.duration * frame.time_base
        return Picture(
            time,
            duration if duration < LONGEST else Fraction(0),
            self._without_edges(frame) if any(self._crop) else frame,
        )

    def _without_edges(self, frame: VideoFrame) -> VideoFrame:
        """The part that the container says is to be shown."""
        left, right, top, bottom = self._crop
        width, height = frame.width - left - right, frame.height - top - bottom
        if width < 1 or height < 1:
            return frame
        kind = frame.width, frame.height, frame.format.name
        if self._cropped is None or self._cropped[0] != kind:
            graph = Graph()
            source = graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
            )
            crop = graph.add("crop", f"{width}:{height}:{left}:{top}:0:1")
            graph.link_nodes(source, crop, graph.add("buffersink"))
            graph.configure()
            self._cropped = kind, graph
        graph = self._cropped[1]
        graph.vpush(frame)
        return graph.vpull()


def _time(packet: Packet) -> Fraction | None:
    return None if packet.pts is None else packet.pts * packet.time_base
