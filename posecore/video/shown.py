"""What of a file is shown: the track, the part of its pictures, their shape and which way is up."""

import struct
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.sidedata.sidedata import SideDataContainer, Type as SideData
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from posecore.files import refuse_pipe
from posecore.video.container import error_text, kinds, open_input
from posecore.video.facts import Facts
from posecore.video.fragments import breaks_off
from posecore.video.frame import Orientation

PICTURES = {"image2", "ico", "jpegxl_anim"}
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")  # how pictures begin
STILL_BRANDS = {"avif", "heic", "heix", "heim", "heis", "mif1", "avci", "avcs", "jpeg", "j2ki"}
ANIMATIONS = {"apng", "gif"}  # still pictures too, when they have one
NOT_SHOWN = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image | Disposition.dependent
SLIMMEST = 16  # a pixel's longer side by its shorter one; more is taken for an error
CURE = "give a video file"
ENCRYPTED = "its pictures are encrypted; give a file that is not"


def open_media(path: Path) -> InputContainer:
    """Open a file that may be a video.

    Raises FileNotFoundError, PermissionError, or ValueError that says what it is instead.
    """
    refuse_pipe(path)
    if path.is_dir():
        raise ValueError(f"{path}: is a folder; {CURE}")
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise ValueError(f"{path}: is empty; {CURE}")
    try:
        return open_input(path)
    except av.ArgumentError as error:
        if head.startswith(MAGIC):
            raise ValueError(f"{path}: is a picture; {CURE}") from error
        raise ValueError(f"{path}: is not a video but a text, a list of files or the like; {CURE}") from error
    except av.FFmpegError as error:
        if breaks_off(path):
            with suppress(av.FFmpegError):
                return open_input(path, forward=True)
        raise ValueError(f"{path}: is not a video that can be read ({error_text(error)}); {CURE}") from error


def refuse_stills(path: Path, container: InputContainer) -> None:
    """Raise ValueError for a picture that does not move."""
    names = kinds(container)
    still = bool(names & PICTURES) or any(name.endswith("_pipe") for name in names)
    still |= container.metadata.get("major_brand", "").strip() in STILL_BRANDS
    if still or (names & ANIMATIONS and not _moves(path)):
        raise ValueError(f"{path}: is a picture; {CURE}")


def _moves(path: Path) -> bool:
    try:
        with open_input(path) as container:
            return sum(1 for packet, _ in zip(container.demux(video=0), range(2), strict=False) if packet.size) > 1
    except av.FFmpegError:
        return False


def shown_track(container: InputContainer) -> VideoStream | None:
    """The track of pictures that players show: marked as such, and if it can be helped one that can be decoded."""
    tracks = [stream for stream in container.streams.video if not stream.disposition & NOT_SHOWN]
    ranked = sorted(tracks, key=_reasons_against)
    return ranked[0] if ranked else None


def _reasons_against(track: VideoStream) -> tuple[bool, bool, bool]:
    """Of showing a track: no decoder, a still picture beside the moving ones, not the one that is marked."""
    still = track.frames == 1 and not track.duration
    return track.codec_context is None, still, not track.disposition & Disposition.default


def decodable_track(path: Path, container: InputContainer, facts: Mapping[int, Facts]) -> VideoStream:
    """The track that is shown.

    Raises ValueError when there is none, or no decoder for it.
    """
    track = shown_track(container)
    if track is None:
        raise ValueError(f"{path}: has no video stream; give a file with pictures in it")
    if track.codec_context is None:
        codec = facts.get(track.index, Facts()).codec
        raise ValueError(f"{path}: no decoder for its pictures ({codec}: unknown or encrypted); convert it to H.264")
    if "enc_key_id" in track.metadata:
        raise ValueError(f"{path}: {ENCRYPTED}")
    return track


def orientation(frame: VideoFrame) -> Orientation:
    """From the display matrix, which maps a stored pixel (p, q) to (a·p + c·q, b·p + d·q)."""
    side_data = SideDataContainer(frame)  # frame.side_data would be a reference cycle, and the decoder's memory stay
    matrices = [data for data in side_data if data.type == SideData.DISPLAYMATRIX]
    if not matrices:
        return Orientation()
    a, b, _, c, d = struct.unpack_from("=5i", bytes(matrices[0]))
    if abs(b) > abs(a):
        return Orientation(True, c < 0, b < 0)
    return Orientation(False, a < 0, d < 0)


def _name_unknown(cls: type[SideData], value: object) -> SideData:
    """PyAV raises ValueError for what it has no name for, and knows fewer names than FFmpeg."""
    unknown = object.__new__(cls)
    unknown._name_, unknown._value_ = f"UNKNOWN_{value}", value
    return unknown


SideData._missing_ = classmethod(_name_unknown)


def square_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """(width, height) with square pixels: the side that is squeezed is stretched, to an even number."""
    ratio = stream.sample_aspect_ratio or Fraction(1)
    if ratio == 1 or lying_shape(stream):
        return frame.width, frame.height
    if ratio > 1:
        return _even(frame.width * ratio), frame.height
    return frame.width, _even(frame.height / ratio)


def lying_shape(stream: VideoStream) -> bool:
    """Whether pixels are said to be so slim that it must be an error."""
    ratio = stream.sample_aspect_ratio or Fraction(1)
    return not 1 / SLIMMEST <= ratio <= SLIMMEST


def _even(pixels: Fraction) -> int:
    return max(2, 2 * round(pixels / 2))
