"""Live streams on the loopback address: MPEG-TS over TCP, UDP and HTTP, paced by its own clock."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import count

import av
import numpy as np

DATAGRAM = 1316  # bytes: seven packets of MPEG-TS
RATE = 30


class Chunks(io.RawIOBase):
    """What a muxer writes, piece by piece."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:
        """Keep what the muxer writes."""
        self.written += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self.written)
        self.written.clear()
        return data


def mpegts(pictures: Sequence[np.ndarray], rate: int = RATE, every: int = 10) -> list[bytes]:
    """A stream of RGB pictures of one size, H.264, as many pieces; a key picture every so many."""
    file, pieces = Chunks(), []
    height, width = pictures[0].shape[:2]
    with av.open(file, "w", format="mpegts", options={"flush_packets": "1"}) as container:
        options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(every)}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
            pieces.append(file.taken())
        container.mux(stream.encode(None))
    pieces[-1] += file.taken()
    return pieces


def send(pieces: Sequence[bytes], write: Callable[[bytes], object], rate: int = RATE, until: int | None = None) -> None:
    """Give the pieces away at their times, over and over with the clock set anew, or `until` so many."""
    begun = time.monotonic()
    for number in count() if until is None else range(until):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        write(pieces[number % len(pieces)])


def levels(size: tuple[int, int] = (64, 48), many: int = 40) -> list[np.ndarray]:
    """Plain grey pictures of (width, height), each 5 levels brighter than the one before."""
    return [np.full((size[1], size[0], 3), 20 + 5 * number, np.uint8) for number in range(many)]


Serve = Callable[[Callable[[bytes], object], int], object]
HTTP = b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n"


@contextmanager
def tcp(serve: Serve, head: bytes = b"") -> Iterator[int]:
    """A server, by its port; `serve` sends with what it is given, and is told which connection it is, from 0.

    head: what is answered to the request of every connection, such as that of HTTP; without it nobody waits for one.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopping = threading.Event()

        def accept() -> None:
            for number in count():
                with suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        if head:
                            _hear(connection)
                        connection.sendall(head)
                        serve(connection.sendall, number)
                if stopping.is_set():
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stopping.set()
            socket.create_connection(server.getsockname()).close()


def _hear(connection: socket.socket) -> None:
    """Read a request of HTTP: who closes with some of it unread resets the connection, and the answer may be lost."""
    heard = b""
    while not heard.endswith(b"\r\n\r\n") and (part := connection.recv(4096)):
        heard += part


@contextmanager
def udp(pieces: Sequence[bytes], rate: int = RATE) -> Iterator[int]:
    """A sender to a port that is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stopping = threading.Event()

    class Stopped(Exception):
        pass

    def write(data: bytes) -> None:
        if stopping.is_set():
            raise Stopped
        for begin in range(0, len(data), DATAGRAM):
            sender.sendto(data[begin : begin + DATAGRAM], ("127.0.0.1", port))

    def run() -> None:
        with suppress(Stopped):
            send(pieces, write, rate)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield port
        finally:
            stopping.set()
            thread.join()
