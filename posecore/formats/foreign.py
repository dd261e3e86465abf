"""What another program's file holds, as far as it goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from posecore.pose import Person


@dataclass(frozen=True)
class Foreign:
    """The people of another program's file; None for what it does not say.

    frames: (number from 0, people), ascending; frames may be missing, in which nobody is then.
    times_ms: when they are shown, by number. size: (width, height) of the picture in pixels. fps: frames per second.
    frame_count: of the video. source: file name of the video. names: of people, by track_id.
    """

    frames: Iterable[tuple[int, Sequence[Person]]]
    times_ms: Mapping[int, int] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    fps: float | None = None
    frame_count: int | None = None
    source: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VideoFacts:
    """What a document says of its video and other formats may leave out; None for what is not known.

    size: (width, height) in pixels. fps: frames per second. times_ms: of every frame, from 0.
    source: file name of the video.
    """

    size: tuple[int, int] | None = None
    fps: float | None = None
    times_ms: Sequence[int] | None = None
    source: str | None = None


NOTHING = VideoFacts()
