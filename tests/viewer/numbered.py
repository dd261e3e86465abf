"""Videos whose frames show their number, and documents that say where a wrist is in each."""

from fractions import Fraction

import numpy as np
from documents import META
from made import FAST, write

from posecore import DocumentWriter, FramePose, VideoReader
from posecore.coco import KEYPOINT_NAMES
from posecore.pose import Keypoints, Person

BITS = 6
WIDTH, HEIGHT = 320, 180
STEPS = [33, 33, 67, 33, 100, 33, 33, 200, 33, 67] * 4  # milliseconds that frames of a variable rate last
WRIST = KEYPOINT_NAMES.index("left_wrist")


def picture(number: int) -> np.ndarray:
    """320×180: its number as six bars, the lowest bit on the left, in the upper half; grey below."""
    bits = np.array([(number >> bit) & 1 for bit in range(BITS)], np.uint8) * 200 + 25
    upper = np.repeat(bits, 54)[:WIDTH]
    upper = np.concatenate([upper, np.full(WIDTH - len(upper), 25, np.uint8)])
    rows = np.vstack([np.tile(upper, (90, 1)), np.full((90, WIDTH), 90, np.uint8)])
    return np.repeat(rows[..., None], 3, axis=2)


def steady(path, count):
    """25 frames/s, H.264 with B-frames: the first does not begin at 0 on the encoder's clock."""
    write(path, map(picture, range(count)), options={"preset": "veryfast", "bf": "3", "g": "12"})


def variable(path, count):
    """They last 33 to 200 ms."""
    write(path, map(picture, range(count)), [Fraction(sum(STEPS[:n]), 1000) for n in range(count)])


def phone(path, count):
    """Stored on its side, to be turned clockwise by 90°; the sound begins 0.5 s before the picture."""
    lying = (np.rot90(picture(number)) for number in range(count))
    times = [Fraction(500 + 40 * number, 1000) for number in range(count)]
    write(path, lying, times, (HEIGHT, WIDTH), turned=-90, sound=("aac", Fraction(0), Fraction(2)))


def wide(path, count):
    """160×180 as stored, pixels twice as wide as high."""
    squeezed = (picture(number)[:, ::2] for number in range(count))
    write(path, squeezed, size=(160, HEIGHT), sample_aspect_ratio=Fraction(2), options=FAST)


def webm(path, count):
    """VP9, a key frame every ten frames."""
    options = {"deadline": "realtime", "cpu-used": "8", "g": "10"}
    write(path, map(picture, range(count)), codec="libvpx-vp9", options=options)


def wrist_at(number: int) -> tuple[float, float]:
    """It goes to the right, on the grey half of the picture."""
    return 20.0 + 7 * number, 120.0 + 30 * (number % 2)


def someone(x: float, y: float) -> Person:
    """A person of whom only the left wrist is seen."""
    xy, score = np.full((17, 2), 90, np.float32), np.zeros(17, np.float32)
    xy[WRIST], score[WRIST] = (x, y), 0.9
    return Person.around(Keypoints(xy, score))


def document_of(video, path):
    """With the times at which posecore shows the frames."""
    with VideoReader(video) as reader:
        times = [frame.timestamp_ms for frame in reader]
        width, height = reader.info.size
    with DocumentWriter(path, META | {"width": width, "height": height, "source": video.name}) as writer:
        for number, ms in enumerate(times):
            writer.write(FramePose(number, ms, (someone(*wrist_at(number)),)))
    return path
