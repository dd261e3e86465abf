"""Sound encoded anew: as AAC, or Opus for WebM, at a rate and with channels that players know."""

from collections.abc import Iterator

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet

from posecore.video.facts import Facts

ENCODERS = {"webm": "libopus"}  # AAC elsewhere
RATES = {"aac": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000), "libopus": (48000,)}
FORMATS = {"aac": "fltp", "libopus": "flt"}
LAYOUTS = {"aac": {1: "mono", 2: "stereo", 6: "5.1"}, "libopus": {1: "mono", 2: "stereo"}}  # others become stereo
NO_PLACE = ("UNK", "UNSD", "USR")  # how the names of channels begin that are nowhere to be heard


class SoundEncoder:
    """Encodes the decoded frames of a stream into a new stream of an output.

    PyAV must not see an order of channels of the file's own (see facts.py): the decoder is told that there is none,
    and the filters what it is.

    Raises ValueError when that cannot be told to the decoder.
    """

    def __init__(self, output: OutputContainer, source: AudioCodecContext, facts: Facts) -> None:
        name = ENCODERS.get(output.format.name, "aac")
        self._labels = facts.labels
        if self._labels:
            if not source.codec.canonical_name.startswith("pcm"):
                raise ValueError("an order of channels of its own, which its decoder insists on")
            source.options = {"ch_layout": f"{len(self._labels)} channels"}
        heard = [label for label in self._labels if not label.startswith(NO_PLACE)]
        count = len(heard) if self._labels else source.channels
        self._layout = LAYOUTS[name].get(count or 1, "stereo")
        rate = next((rate for rate in RATES[name] if rate >= source.sample_rate), 48000)
        # Of real numbers: where channels are mixed FFmpeg makes whole ones quieter, by 10 dB for eight channels.
        self.stream = output.add_stream(name, rate=rate, layout=self._layout, format=FORMATS[name])
        self._rate = rate
        self._graph: Graph | None = None
        self._kind: tuple[object, ...] = ()

    def encode(self, frame: AudioFrame) -> Iterator[Packet]:
        """Yield the packets that a frame of the source becomes."""
        kind = frame.format.name, frame.sample_rate, frame.layout.name
        if kind != self._kind:  # also in the middle of broadcasts
            yield from self._drain()
            self._graph, self._kind = self._make_graph(frame), kind
        assert self._graph is not None
        self._graph.push(frame)
        yield from self._pull()

    def flush(self) -> list[Packet]:
        """The last packets."""
        return [*self._drain(), *self.stream.encode(None)]

    def _drain(self) -> Iterator[Packet]:
        if self._graph:
            self._graph.push(None)
            yield from self._pull()

    def _pull(self) -> Iterator[Packet]:
        assert self._graph is not None
        while True:
            try:
                frame = self._graph.pull()
            except (EOFError, av.BlockingIOError):
                return
            yield from self.stream.encode(frame)

    def _make_graph(self, frame: AudioFrame) -> Graph:
        """Filters from the frames of the source to those of the encoder."""
        heard = [n for n, label in enumerate(self._labels) if not label.startswith(NO_PLACE)]
        try:
            if len(heard) == len(self._labels):
                return self._graph_of(frame, "+".join(self._labels) or frame.layout.name, None)
            if heard:
                channels = "|".join(f"c{place}=c{n}" for place, n in enumerate(heard))
                layout = "+".join(self._labels[n] for n in heard)
                return self._graph_of(frame, frame.layout.name, f"{layout}|{channels}")
        except av.FFmpegError:
            pass  # such as ambisonics, of which the first channel is what is heard from everywhere
        return self._graph_of(frame, frame.layout.name, "mono|c0=c0")

    def _graph_of(self, frame: AudioFrame, layout: str, pan: str | None) -> Graph:
        graph = Graph()
        source = graph.add(
            "abuffer",
            sample_rate=str(frame.sample_rate),
            sample_fmt=frame.format.name,
            channel_layout=layout,
            time_base=str(frame.time_base),
        )
        wanted = graph.add(
            "aformat",
            sample_rates=str(self._rate),
            sample_fmts=self.stream.format.name,
            channel_layouts=self._layout,
        )
        nodes = [source, *([graph.add("pan", pan)] if pan else []), wanted, graph.add("abuffersink")]
        graph.link_nodes(*nodes).configure()
        return graph
