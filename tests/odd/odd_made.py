"""Those of the odd files that PyAV and a text editor can make, under the names that the README of odd/ has for them."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from made import Made
from odd_steps import RECIPES

RATE = Fraction(10)
BARS = ((200, 40, 40), (40, 160, 40), (40, 60, 200), (220, 220, 220), (128, 128, 128), (30, 30, 30))
H264 = {"preset": "veryslow", "crf": "4"}

# Codec, format of the pictures, and what they are tagged with; (96, 64) but for the wide one.
COLORS: dict[str, tuple[str, str, dict[str, int]]] = {
    "color-rgb-h264.mp4": ("libx264rgb", "rgb24", {}),
    "color-gbrp-h264.mkv": ("libx264rgb", "rgb24", {"colorspace": 0}),
    "color-rgb-png.mov": ("png", "rgb24", {}),
    "color-rgb-raw.avi": ("rawvideo", "bgr24", {}),
    "color-rgb-raw.mov": ("rawvideo", "rgb24", {}),
    "color-rgb-ffv1.mkv": ("ffv1", "bgr0", {}),
    "color-rgb-qtrle.mov": ("qtrle", "rgb24", {}),
    "color-rgb-1280-wide.mov": ("qtrle", "rgb24", {}),
    "color-bt601.mp4": ("libx264", "yuv420p", {"colorspace": 6}),
    "color-bt709.mp4": ("libx264", "yuv420p", {"colorspace": 1}),
    "color-bt2020.mp4": ("libx264", "yuv420p10le", {"colorspace": 9}),
    "color-yuv444p.mp4": ("libx264", "yuv444p", {"colorspace": 1}),
    "color-yuv422p10.mp4": ("libx264", "yuv422p10le", {"colorspace": 1}),
    "color-full-range.mp4": ("libx264", "yuv420p", {"colorspace": 1, "color_range": 2}),
    "color-yuvj420p.mp4": ("libx264", "yuvj420p", {"color_range": 2}),
    "color-mjpeg.avi": ("mjpeg", "yuvj420p", {"color_range": 2}),
    "color-grey.mp4": ("libx264", "gray", {"color_range": 1}),
    "color-grey-full-range.mkv": ("ffv1", "gray", {"color_range": 2}),
    "color-grey16.mkv": ("ffv1", "gray16le", {"color_range": 2}),
    "color-alpha-png.mov": ("png", "rgba", {}),
    "color-alpha-prores.mov": ("prores_ks", "yuva444p10le", {"colorspace": 1}),
    "color-half-alpha-qtrle.mov": ("qtrle", "argb", {}),
    "color-alpha-vp9.webm": ("libvpx-vp9", "yuva420p", {}),
}
LIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nstarts-late.ts\n#EXT-X-ENDLIST\n"
TEXTS = {
    "text.txt": "Nothing moves here.\n" * 40,
    "subtitles.srt": "1\n00:00:01,000 --> 00:00:02,000\nNobody speaks.\n",
    "page.html": "<!DOCTYPE html><html><body><p>Not found</p></body></html>\n",
    "empty.mp4": "",
    "list.m3u8": LIST,
    "list-in-disguise.mp4": "ffconcat version 1.0\nfile starts-late.ts\n",
}


class MadeOdd:
    """A folder whose files are made when they are first asked for; a test that needs another one is skipped."""

    def __init__(self, folder: Path, made: Made) -> None:
        self._folder, self._made = folder, made

    def __truediv__(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            self._make(name)(path)
        return path

    def _make(self, name: str) -> Callable[[Path], object]:
        if name in RECIPES:
            return RECIPES[name]
        if name in COLORS:
            return _write_bars
        if name in TEXTS:
            return lambda path: path.write_text(TEXTS[name])
        if name in ("still.jpg", "still.png", "still.webp"):
            return lambda path: cv2.imwrite(str(path), self._made.scenes.photo[..., ::-1])
        if name == "noise.mp4":
            return lambda path: path.write_bytes(np.random.default_rng(0).bytes(3000))
        if name == "sound-alone.mp4":
            return lambda path: path.write_bytes((self._made / "sound.mp4").read_bytes())
        if name == "no-index.mp4":
            return lambda path: path.write_bytes((self._made / "nobody.mp4").read_bytes()[:900])
        pytest.skip(f"{name} cannot be made with PyAV alone: POSECORE_DATA must name a folder with it in odd/")


def _write_bars(path: Path) -> None:
    """Six upright bars, five frames; two of raw ones."""
    codec, pix_fmt, tags = COLORS[path.name]
    width, height = (1280, 720) if "wide" in path.name else (96, 64)
    picture = np.array(BARS, np.uint8).repeat(width // 6 + 1, axis=0)[None, :width].repeat(height, axis=0)
    edges = np.arange(width) * 6 // width
    picture[:] = np.array(BARS, np.uint8)[edges]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=_options(codec))
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        for tag, value in tags.items():
            setattr(stream.codec_context, tag, value)
        for number in range(2 if "raw" in path.name else 5):
            frame = _in_format(picture, pix_fmt, tags)
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _options(codec: str) -> dict[str, str]:
    if codec.startswith("libx264"):
        return H264
    return {"mjpeg": {"qmin": "1", "qmax": "1"}, "libvpx-vp9": {"crf": "4", "b": "0"}}.get(codec, {})


def _in_format(picture: np.ndarray, pix_fmt: str, tags: dict[str, int]) -> av.VideoFrame:
    if "argb" in pix_fmt or pix_fmt == "yuva420p":  # half transparent
        alpha = np.full(picture.shape[:2], 128, np.uint8)
        frame = av.VideoFrame.from_ndarray(np.dstack([picture, alpha]), "rgba")
    else:
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
    if pix_fmt == "gray" and tags["color_range"] == 1:  # of video range, which is not what FFmpeg makes of RGB
        return av.VideoFrame.from_ndarray(frame.reformat(format="yuv420p").to_ndarray()[: frame.height], "gray")
    full = tags.get("color_range")
    frame = frame.reformat(
        format=pix_fmt, dst_colorspace=tags.get("colorspace") or None, dst_color_range=full, interpolation="AREA"
    )
    frame.pict_type = 0
    return frame
