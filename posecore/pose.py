"""What every room speaks: the landmarks and keypoints of a person, and the people of a frame."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (height, width, 3) RGB where nothing else is said
Floats = NDArray[np.float32]


def _check_shapes(**arrays: tuple[np.ndarray, tuple[int, ...]]) -> None:
    for name, (array, expected) in arrays.items():
        actual = np.shape(array)
        if actual != expected:
            raise ValueError(f"{name}: expected shape {expected}, got {actual}")


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The 33 BlazePose landmarks of one person.

    xyz: (33, 3) float32. x, y are normalised by the picture's width and height and may leave [0, 1];
        z is depth relative to the hips in the scale of x, smaller is nearer.
    visibility: (33,) float32 in [0, 1], the probability of being inside the picture and not hidden.
    presence: (33,) float32 in [0, 1], the probability of being inside the picture.
    detection_confidence: of the detector that a person is there, in [0, 1]; None when it was not asked, because the
        person was tracked, or does not tell.
    pose_confidence: of the landmark network that a person is there, in [0, 1]; None when it does not tell.
    world: (33, 3) float32, x to the right, y down, z away from the camera, in metres from the middle of the hips;
        None when it was not asked for.

    Raises ValueError when an array has another shape.
    """

    xyz: Floats
    visibility: Floats
    presence: Floats
    detection_confidence: float | None = None
    pose_confidence: float | None = None
    world: Floats | None = None

    def __post_init__(self) -> None:
        _check_shapes(
            xyz=(self.xyz, (33, 3)),
            visibility=(self.visibility, (33,)),
            presence=(self.presence, (33,)),
        )
        if self.world is not None:
            _check_shapes(world=(self.world, (33, 3)))


@dataclass(frozen=True, eq=False)
class Keypoints:
    """The 17 COCO keypoints of one person, in the order of `posecore.coco.KEYPOINT_NAMES`.

    xy: (17, 2) float32, pixels of the full-size, upright picture; x to the right, y down.
        A keypoint may lie outside the picture.
    score: (17,) float32 in [0, 1].
    filled: (17,) bool, which of them nobody saw: they were put in afterwards, from those before and after; None: none.

    Raises ValueError when an array has another shape.
    """

    xy: Floats
    score: Floats
    filled: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        _check_shapes(xy=(self.xy, (17, 2)), score=(self.score, (17,)))
        if self.filled is not None:
            _check_shapes(filled=(self.filled, (17,)))


@dataclass(frozen=True, eq=False)
class Person:
    """One person in one picture.

    keypoints: in pixels of the full-size, upright picture.
    score: in [0, 1], how sure it is that this is a person, rightly placed: it ranks people.
    box: (4,) float32, x0, y0, x1, y1 in the same pixels, around the person.
    track_id: the same for the same person in all frames of a video; None when nobody keeps track.
    landmarks: of BlazePose; None from other models.

    Raises ValueError when the box has another shape.
    """

    keypoints: Keypoints
    score: float
    box: Floats
    track_id: int | None = None
    landmarks: Landmarks | None = None

    def __post_init__(self) -> None:
        _check_shapes(box=(self.box, (4,)))

    @classmethod
    def around(cls, keypoints: Keypoints, score: float | None = None, landmarks: Landmarks | None = None) -> Self:
        """Somebody whose box is the extent of the keypoints; score: None is the mean of theirs."""
        box = np.concatenate([keypoints.xy.min(axis=0), keypoints.xy.max(axis=0)])
        return cls(keypoints, float(keypoints.score.mean()) if score is None else score, box, landmarks=landmarks)

    def unseen(self) -> Self:
        """Nobody, in the same place: keypoints and the whole without score, and no landmarks."""
        keypoints = Keypoints(self.keypoints.xy, np.zeros_like(self.keypoints.score))
        return replace(self, keypoints=keypoints, score=0.0, landmarks=None)

    def scaled(self, x: float, y: float) -> Self:
        """The same person in a picture that is so many times as wide and as high."""
        factors = np.array([x, y, x, y], np.float32)
        keypoints = replace(self.keypoints, xy=self.keypoints.xy * factors[:2])
        return replace(self, keypoints=keypoints, box=self.box * factors)


@dataclass(frozen=True)
class FramePose:
    """The people found in one frame of a video.

    index: number of the frame, from 0.
    timestamp_ms: presentation time since the first shown frame, in milliseconds.
    persons: empty when nobody was found.
    received_at: when it came from a live source, with the zone; None of a file.
    interpolated: whether nobody looked at it, and its people are from the frames around it, or the one before.
    """

    index: int
    timestamp_ms: int
    persons: tuple[Person, ...]
    received_at: datetime | None = None
    interpolated: bool = False
