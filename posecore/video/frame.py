"""One decoded frame, and the way from the decoder's picture to upright ones with square pixels."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

import cv2
import numpy as np
from av.error import ArgumentError
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from posecore.color import yuv_to_rgb
from posecore.pose import Image
from posecore.sizes import scaled_size
from posecore.video.color import Color, coded_as

# swscale's default rounds down and darkens every picture by one level.
SMOOTH = Interpolation.BILINEAR | Interpolation.ACCURATE_RND
AREA = Interpolation.AREA | Interpolation.ACCURATE_RND


@dataclass(frozen=True)
class Orientation:
    """How a stored picture becomes upright: x and y exchanged first, then mirrored."""

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply(self, image: Image) -> Image:
        """The upright picture of a stored one, (height, width) or (height, width, 3)."""
        if self.transpose:
            image = cv2.transpose(image)  # type: ignore[assignment]
        if self.mirror_x or self.mirror_y:
            axes = -1 if self.mirror_x and self.mirror_y else int(self.mirror_x)
            image = cv2.flip(image, axes)  # type: ignore[assignment]
        return image


class Upright:
    """Turns the decoder's pictures of one video into upright ones with square pixels.

    size: (width, height) in square pixels, as stored, before it is turned.
    Every kind of picture may be made by one thread at a time.
    """

    def __init__(self, size: tuple[int, int], orientation: Orientation, color: Color) -> None:
        self._size = size
        self._orientation = orientation
        self._color = color
        self._sources: dict[tuple[int, int], Color] = {}  # of what pictures say of themselves: it may change
        self._to_rgb, self._to_yuv = VideoReformatter(), VideoReformatter()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as displayed."""
        return self._turned(self._size)

    def rgb(self, frame: VideoFrame, max_side: int = 0) -> Image:
        """The picture with max(height, width) ≤ max_side, (height, width, 3) uint8 RGB; 0 is off."""
        matrix = self._color.sws_matrix
        small = self._convert(self._to_rgb, frame, scaled_size(*self._size, max_side), "yuv444p", AREA)
        yuv = cv2.merge([plane_array(plane) for plane in small.planes])
        return self._orientation.apply(cv2.transform(yuv, yuv_to_rgb(matrix)))  # type: ignore[arg-type]

    def yuv(self, frame: VideoFrame, pixel_format: str) -> VideoFrame:
        """A copy that may be drawn on; pixel_format: "yuv420p" or "yuv444p", video range, the video's own matrix."""
        stored = self._convert(self._to_yuv, frame, self._size, pixel_format, SMOOTH)
        upright = VideoFrame(*self.size, pixel_format)
        for target, source in zip(upright.planes, stored.planes, strict=True):
            plane_array(target)[...] = self._orientation.apply(plane_array(source))
        return upright

    def _convert(
        self, reformatter: VideoReformatter, frame: VideoFrame, size: tuple[int, int], pixel_format: str, how: int
    ) -> VideoFrame:
        source = self._source(frame)

        def convert(interpolation: int) -> VideoFrame:
            return reformatter.reformat(
                frame,
                *size,
                pixel_format,
                src_colorspace=source.sws_matrix,
                dst_colorspace=self._color.sws_matrix,
                src_color_range=source.sws_range,
                dst_color_range=ColorRange.MPEG,
                interpolation=interpolation,
                threads=1,
            )

        try:
            return convert(how)
        except ArgumentError:  # in the middle of a damaged video, a picture a hundred times as high, which needs room
            return convert(Interpolation.POINT)

    def _source(self, frame: VideoFrame) -> Color:
        said = frame.colorspace, frame.color_range
        if said not in self._sources:
            try:
                self._sources[said] = coded_as(frame)
            except ValueError:  # in the middle of a video: rather wrong colours than none
                self._sources[said] = self._color
        return self._sources[said]

    def _turned(self, size: tuple[int, int]) -> tuple[int, int]:
        return (size[1], size[0]) if self._orientation.transpose else size


@dataclass(frozen=True, eq=False)
class Frame:
    """One upright frame.

    time: presentation time in seconds from the start of the file, which the sound shares.
    timestamp_ms: the same from the first shown frame, in milliseconds.
    duration: seconds.

    Pictures are made when they are asked for and kept as long as the frame.
    """

    index: int
    time: Fraction
    timestamp_ms: int
    duration: Fraction
    _decoded: VideoFrame = field(repr=False)
    _upright: Upright = field(repr=False)
    _pictures: dict[int, Image] = field(default_factory=dict, init=False, repr=False)  # by max_side

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._upright.size

    @property
    def image(self) -> Image:
        """(height, width, 3) uint8 RGB."""
        return self.small(0)

    def small(self, max_side: int) -> Image:
        """The picture with max(height, width) ≤ max_side, (height, width, 3) uint8 RGB; 0 is off, never enlarged."""
        if max_side not in self._pictures:
            self._pictures[max_side] = self._upright.rgb(self._decoded, max_side)
        return self._pictures[max_side]

    def counted_from(self, first: "Frame") -> "Frame":
        """The same frame with its number and its times counted from another one."""
        time = self.time - first.time
        return replace(self, index=self.index - first.index, time=time, timestamp_ms=round(1000 * time))

    def yuv(self, pixel_format: str = "yuv420p") -> VideoFrame:
        """A copy as YUV, "yuv420p" or "yuv444p", to draw on and to encode; `plane_array` shows its planes."""
        return self._upright.yuv(self._decoded, pixel_format)


def plane_array(plane: VideoPlane) -> Image:
    """A plane of a picture as (height, width) uint8, not copied."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]


def screen_array(picture: VideoFrame, matrix: int, max_side: int) -> Image:
    """A picture of YUV as (height, width, 3) uint8 BGR, as OpenCV shows it, with max(height, width) ≤ max_side.

    matrix: `Color.sws_matrix`.
    """
    size = scaled_size(picture.width, picture.height, max_side)
    options = {"src_colorspace": matrix, "src_color_range": ColorRange.MPEG, "interpolation": SMOOTH}
    return picture.reformat(*size, "bgr24", **options).to_ndarray()
