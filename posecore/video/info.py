"""What is known of a video."""

from dataclasses import dataclass, field
from fractions import Fraction

from posecore.video.color import UNSPECIFIED, Color
from posecore.video.metadata import Metadata


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video once its first frame is decoded.

    width, height: pixels as displayed: upright, and square pixels.
    fps: average frames per second as the container states it; counted when it states none, or one that cannot be.
    time_base: the unit of its timestamps in seconds.
    frame_count: what the container promises, None when it is silent; only reading tells.
    color: how the colours of what is written are coded.
    origin: where on the file's own clock, in seconds, `Frame.time` is 0; None leaves it to the container.
    metadata: what the file says of itself.
    """

    width: int
    height: int
    fps: Fraction
    time_base: Fraction
    frame_count: int | None = None
    color: Color = UNSPECIFIED
    origin: Fraction | None = None
    metadata: Metadata = field(default_factory=Metadata, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height
