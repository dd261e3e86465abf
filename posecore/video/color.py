"""How the colours of a video are coded, by the numbers of ITU-T H.273."""

from dataclasses import dataclass, replace

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

BT709, BT601, BT2020 = 1, 6, 9
YCBCR = {1, 4, 5, 6, 7, 9}  # matrices that can be computed with
NEAREST = {10: BT2020, 12: BT709, 13: BT709}  # rare ones that differ little from one of them
FOREIGN = {8: "YCgCo", 11: "YDzDx", 14: "ICtCp", 15: "IPT-C2", 16: "YCgCo-Re", 17: "YCgCo-Ro"}
HD = 720  # lines from which on players take BT.709 where nothing is said; of smaller pictures BT.601


@dataclass(frozen=True)
class Color:
    """How a video's colours are coded; 2 is unspecified."""

    matrix: int = 2
    primaries: int = 2
    transfer: int = 2
    full_range: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> "Color":
        """What a picture says of itself."""
        return cls(frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range == ColorRange.JPEG)

    @property
    def sws_matrix(self) -> int:
        """The matrix to convert with: BT.601 when the video does not say, as OpenCV and FFmpeg do."""
        return self.matrix if self.matrix in list(Colorspace) else Colorspace.ITU601

    @property
    def sws_range(self) -> ColorRange:
        """The range to convert from: 0…255, or the 16…235 of video."""
        return ColorRange.JPEG if self.full_range else ColorRange.MPEG


UNSPECIFIED = Color()


def coded_as(frame: VideoFrame) -> Color:
    """How a picture's colours are taken and written: with a matrix that is one of Y, Cb and Cr, whatever it says.

    RGB becomes BT.709. What says nothing, or what cannot be, is BT.601, and that is said of what players take for it.

    Raises ValueError with the name of a matrix that is none of Y, Cb and Cr.
    """
    color = Color.of(frame)
    if is_rgb(frame):
        return replace(color, matrix=BT709)
    if color.matrix in FOREIGN:
        raise ValueError(FOREIGN[color.matrix])
    matrix = NEAREST.get(color.matrix, color.matrix)
    if matrix not in YCBCR:
        matrix = 2 if min(frame.width, frame.height) >= HD else BT601
    return replace(color, matrix=matrix)


def is_rgb(frame: VideoFrame) -> bool:
    """Whether a picture is red, green and blue, or has a palette of such."""
    return frame.format.is_rgb or frame.format.has_palette
