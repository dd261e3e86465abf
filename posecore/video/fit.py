"""Pictures of another size brought into the size of the first, with black bars where their shape differs."""

from av.filter import Graph
from av.video.frame import VideoFrame


class Fit:
    """Fits pictures into (width, height); those that have that size are handed on as they are.

    size: of the last picture as it came.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = self.size = width, height
        self._made: tuple[object, Graph] | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The picture in the size of the first, centred."""
        self.size = frame.width, frame.height
        if self.size == self._size:
            return frame
        kind = *self.size, frame.format.name
        if self._made is None or self._made[0] != kind:
            self._made = kind, self._graph(frame)
        graph = self._made[1]
        graph.vpush(frame)
        fitted = graph.vpull()
        fitted.pts, fitted.time_base = frame.pts, frame.time_base
        return fitted

    def _graph(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        width, height = self._size
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        scale = graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2")
        pad = graph.add("pad", f"{width}:{height}:-1:-1:black")
        graph.link_nodes(source, scale, pad, graph.add("buffersink"))
        graph.configure()
        return graph
