"""How the colours of a video are coded, by the numbers of ITU-T H.273."""

from dataclasses import dataclass

from av.video.reformatter import ColorRange, Colorspace


@dataclass(frozen=True)
class Color:
    """How a video's colours are coded; 2 is unspecified."""

    matrix: int = 2
    primaries: int = 2
    transfer: int = 2
    full_range: bool = False

    @property
    def sws_matrix(self) -> int:
        """The matrix to convert with: BT.601 when the video does not say, as OpenCV and FFmpeg do."""
        return self.matrix if self.matrix in list(Colorspace) else Colorspace.ITU601

    @property
    def sws_range(self) -> ColorRange:
        """The range to convert from: 0…255, or the 16…235 of video."""
        return ColorRange.JPEG if self.full_range else ColorRange.MPEG


UNSPECIFIED = Color()
