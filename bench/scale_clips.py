"""The clips of scale.py, made of the demo clip: looped, scaled, or its walking woman as often as there are people."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import av
import numpy as np

MOST_PEOPLE, COLUMNS, TILE = 8, 4, (300, 530)  # pixels of one
TILED = COLUMNS * TILE[0], MOST_PEOPLE // COLUMNS * TILE[1]  # pixels of all, whether there is somebody or grey
WALK = 60, 190  # frames of the demo clip in which she is all in the picture


def decoded(path: Path) -> Iterator[av.VideoFrame]:
    """The frames of a clip, again and again."""
    while True:
        with av.open(str(path)) as container:
            yield from container.decode(video=0)


def size_of(path: Path) -> tuple[int, int]:
    """(width, height) of a clip in pixels."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height


def write(path: Path, frames: Iterable[av.VideoFrame], width: int, height: int) -> Path:
    """A clip of 30 frames a second in H.264, scaled to an even size."""
    size = width // 2 * 2, height // 2 * 2
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number, frame in enumerate(frames):
            picture = frame.reformat(*size, "yuv420p")
            picture.pts, picture.time_base = number, stream.codec_context.time_base or 1 / stream.average_rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def walkers(demo: Path) -> list[np.ndarray]:
    """The woman who walks by, (530, 300, 3) uint8 RGB; the crop goes with her, 9.8 pixels a frame."""
    found = []
    for number, frame in enumerate(islice(decoded(demo), WALK[1])):
        left = max(0, round(1392 - 9.8 * (number - WALK[0])) - TILE[0] // 2)
        if number >= WALK[0]:
            found.append(frame.to_ndarray(format="rgb24")[-TILE[1] :, left : left + TILE[0]])
    return [crop for crop in found if crop.shape[1] == TILE[0]]


def tiled(crops: Sequence[np.ndarray], people: int) -> Iterator[av.VideoFrame]:
    """So many of her on grey, each at another moment of her walk, to and fro."""
    walk = [*crops, *crops[::-1]]
    number = 0
    while True:
        picture = np.full((TILED[1], TILED[0], 3), 128, np.uint8)
        for n in range(people):
            y, x = n // COLUMNS * TILE[1], n % COLUMNS * TILE[0]
            picture[y : y + TILE[1], x : x + TILE[0]] = walk[(number + n * len(walk) // MOST_PEOPLE) % len(walk)]
        yield av.VideoFrame.from_ndarray(picture, "rgb24")
        number += 1
