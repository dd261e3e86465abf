"""Which frames of a video are looked at; the others are filled in."""

from collections.abc import Generator, Iterable

from posecore.video import Frame, Segment


def looks(
    frames: Iterable[Frame], every: int = 1, max_rate: float | None = None, segment: Segment | None = None
) -> Generator[tuple[Frame, bool], None, None]:
    """Yield all frames, each with whether it is looked at: always the first and the last, so that none is outside.

    every: of so many frames in the source one is. max_rate: of those in 1 / max_rate seconds the first is, instead.
    segment: what the frames are of; the first one of its own is looked at, unless another segment goes before it.
    Whoever begins to read elsewhere looks at the same ones.
    """
    held: tuple[Frame, bool] | None = None
    look: tuple[int, bool] | None = None
    for frame in frames:
        begun = segment is not None and segment.alone and segment.owns(frame)
        before, look = look, (look_number(frame, every, max_rate), begun)
        if held:
            yield held
        held = frame, look != before
        if held[1]:
            yield held
            held = None
    if held:
        yield held[0], True


def look_number(frame: Frame, every: int = 1, max_rate: float | None = None) -> int:
    """The number of the look that is enough for a frame: the first of those that have the same is looked at."""
    if max_rate is None:
        return frame.index // every
    return int((frame.timestamp_ms + 0.5) / 1000 * max_rate)  # times are rounded to a millisecond
