"""The frames in which settings disagree most, as small pictures with the skeleton of each."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from posecore.comparison.candidate import Candidate
from posecore.comparison.measures import agreement
from posecore.comparison.trial import Trial
from posecore.overlay import draw_pose
from posecore.pose import Floats, FramePose, Image, Keypoints, Person
from posecore.video import VideoReader

MOST = 6  # moments that are shown
APART_MS = 1000  # between two of the same video
LEAST = 0.1  # disagreement that is worth a look
MARGIN = 0.2  # of the people's extent, on each side of a picture
HEIGHT, WIDEST = 360, 640  # pixels of a picture
QUALITY = 80  # of JPEG


@dataclass(frozen=True, eq=False)
class Moment:
    """A frame. poses: what each setting found in it. agreements: OKS with the strongest; NaN where neither sees any.

    disagreement: 1 - the mean of these, over the settings but the strongest.
    """

    video: Path
    timestamp_ms: int
    disagreement: float
    poses: Mapping[Candidate, FramePose]
    agreements: Mapping[Candidate, float]


def worst_moments(trials: Mapping[Candidate, Sequence[Trial]], strongest: Candidate) -> list[Moment]:
    """The MOST moments of the largest disagreement, worst first, none too near to a worse one."""
    every = (
        moment for part in zip(*trials.values(), strict=True) for moment in _moments(list(trials), part, strongest)
    )
    worst: list[Moment] = []
    for moment in sorted(every, key=lambda moment: -moment.disagreement):
        near = any(
            other.video == moment.video and abs(other.timestamp_ms - moment.timestamp_ms) < APART_MS for other in worst
        )
        if not near and moment.disagreement >= LEAST:
            worst.append(moment)
        if len(worst) == MOST:
            break
    return worst


def _moments(candidates: Sequence[Candidate], part: Sequence[Trial], strongest: Candidate) -> list[Moment]:
    """Of one part of a video: every frame."""
    reference = part[candidates.index(strongest)]
    alike = np.stack([agreement(trial.poses, reference.poses) for trial in part])
    others = [n for n, candidate in enumerate(candidates) if candidate != strongest]
    apart = np.nan_to_num(1 - alike[others]).mean(axis=0) if others else np.zeros(len(reference.poses))
    return [
        Moment(
            reference.piece.video,
            frame.timestamp_ms,
            float(apart[n]),
            {candidate: trial.poses[n] for candidate, trial in zip(candidates, part, strict=True)},
            dict(zip(candidates, alike[:, n].tolist(), strict=True)),
        )
        for n, frame in enumerate(reference.poses)
    ]


def draw_moment(moment: Moment) -> dict[Candidate, str]:
    """What each setting found, as data URLs of JPEG pictures of the same part of the frame: around all the people."""
    with VideoReader(moment.video) as video:
        image = next(video.since(moment.timestamp_ms)).image
    everyone = [person for pose in moment.poses.values() for person in pose.persons]
    x0, y0, x1, y1 = _window(everyone, image.shape[1], image.shape[0])
    scale = min(HEIGHT / (y1 - y0), WIDEST / (x1 - x0))
    size = max(1, round(scale * (x1 - x0))), max(1, round(scale * (y1 - y0)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    ground: Image = cv2.resize(image[y0:y1, x0:x1], size, interpolation=how)  # type: ignore[assignment]
    corner = np.array([x0, y0], np.float32)
    return {
        candidate: _jpeg(draw_pose(ground.copy(), [_moved(person, corner, scale) for person in pose.persons]))
        for candidate, pose in moment.poses.items()
    }


def _window(everyone: Sequence[Person], width: int, height: int) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 around all boxes, with a margin, in whole pixels inside the picture."""
    boxes = np.stack([person.box for person in everyone])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    margin = MARGIN * float((high - low).max()) + 8
    x0, y0 = np.clip(low - margin, 0, (width - 2, height - 2)).astype(int).tolist()
    x1, y1 = np.clip(high + margin, (x0 + 2, y0 + 2), (width, height)).astype(int).tolist()
    return x0, y0, x1, y1


def _moved(person: Person, corner: Floats, scale: float) -> Person:
    found = person.keypoints
    box = (person.box - np.tile(corner, 2)) * scale
    return replace(person, keypoints=Keypoints((found.xy - corner) * np.float32(scale), found.score), box=box)


def _jpeg(picture: Image) -> str:
    _, content = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return f"data:image/jpeg;base64,{base64.b64encode(content.tobytes()).decode('ascii')}"
