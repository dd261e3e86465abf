"""Somebody who is followed, and what is seen of people in one frame."""

import math
from copy import copy
from dataclasses import dataclass

import numpy as np

from posecore.look import Filter, Look
from posecore.pose import Floats, Person
from posecore.similarity import SURE, iou

CLOTHES_SECONDS = 1.0  # time constant of what somebody wears
SPEED_SECONDS = 0.2  # the same of the speed
HIDES = 0.05  # IoU of who may hide another
MAX_SPEED = 3.0  # in sizes of the person per second
COASTING = 0.5  # seconds that somebody who is not seen goes on as fast
MIN_SIZE = 8.0  # pixels
MARGIN = 0.1  # between the outermost keypoints and the box, in the longer side
MOVING = 0.3  # score of keypoints that tell of speed, of which there must be
ENOUGH = 4


@dataclass(eq=False)
class Sighting:
    """Perhaps somebody, in one frame.

    look: what the pose network says. clear: whether it sees somebody.
    box: (4,) x0, y0, x1, y1 in pixels, around the body. box_score: of the finder there, 0 where it did not look.
    track: whom it was looked for. clothes: see `posecore.tracking.appearance`; hidden: whether they may be another's.
    """

    look: Look
    clear: bool
    box: Floats
    box_score: float = 0.0
    track: "Track | None" = None
    clothes: Floats | None = None
    crowded: bool = False

    @property
    def sure(self) -> float:
        """Of two sightings of one person, which is better."""
        return self.look.sure + 0.5 * self.box_score

    @property
    def evidence(self) -> float:
        """That somebody is there: what finder and network say together, or the finder alone with less weight."""
        return max(math.sqrt(self.look.sure * self.box_score), self.box_score - 0.15)


class Track:
    """Somebody who is followed.

    id: None until the person is believed. last: how the person was last seen, at seen_ms.
    hidden_by: who stood where the person was lost, and a copy of what was known of that one then.
    sightings: how many there were. evidence: the best of them. boxed_frame, boxed_ms: when the finder last agreed.
    """

    def __init__(self, seen: Sighting, frame: int, timestamp_ms: int) -> None:
        self.id: int | None = None
        self.sightings, self.evidence = 0, 0.0
        self.clothes: Floats | None = None
        self.filter: Filter | None = None
        self.hidden_by: tuple[Track, Track] | None = None
        self._velocity, self._dressed_ms = np.zeros(2, np.float32), timestamp_ms
        self.boxed_frame, self.boxed_ms = frame, timestamp_ms
        self.last, self.seen_ms = seen, timestamp_ms
        self._take(seen, timestamp_ms)

    @property
    def box(self) -> Floats:
        """Where the person was last seen."""
        return self.last.box

    @property
    def size(self) -> float:
        """The longer side of the box in pixels."""
        return max(MIN_SIZE, float((self.box[2:] - self.box[:2]).max()))

    def moved(self, timestamp_ms: int) -> Floats:
        """How far the person will have come since it was last seen, (2,) in pixels."""
        seconds = min((timestamp_ms - self.seen_ms) / 1000, COASTING)
        return (self._velocity * seconds).astype(np.float32)

    def expected(self, timestamp_ms: int) -> Floats:
        """Where the person should be by then, as `box`."""
        return (self.box.reshape(2, 2) + self.moved(timestamp_ms)).ravel()

    def see(self, seen: Sighting, frame: int, timestamp_ms: int, agreed: bool) -> None:
        """The person is seen again; agreed: whether the finder sees it too."""
        step = _step(self.last, seen)
        if step is not None:
            seconds = max(1, timestamp_ms - self.seen_ms) / 1000
            velocity = step / seconds
            velocity *= min(1.0, MAX_SPEED * self.size / max(1e-6, math.hypot(*velocity)))
            weight = _weight(seconds, SPEED_SECONDS) if self.sightings > 1 else 1.0
            self._velocity = weight * velocity + (1 - weight) * self._velocity
        if agreed:
            self.boxed_frame, self.boxed_ms = frame, timestamp_ms
        self._take(seen, timestamp_ms)

    def _take(self, seen: Sighting, timestamp_ms: int) -> None:
        seen.track = None  # or who is gone would be held by who was taken for it
        self.last, self.seen_ms = seen, timestamp_ms
        self.sightings += 1
        self.evidence = max(self.evidence, seen.evidence)
        if seen.clothes is not None and not seen.crowded:
            old = seen.clothes if self.clothes is None else self.clothes
            weight = _weight((timestamp_ms - self._dressed_ms) / 1000, CLOTHES_SECONDS)
            self.clothes, self._dressed_ms = old + weight * (seen.clothes - old), timestamp_ms


def hiding(lost: Track, others: list[Track], timestamp_ms: int) -> tuple[Track, Track] | None:
    """Who stands where somebody should be who is lost, and a copy of it as it was; None when nobody does."""
    boxes = np.array([other.expected(timestamp_ms) for other in others], np.float32).reshape(-1, 4)
    over = iou(boxes, lost.expected(timestamp_ms))
    if not len(over) or over.max() < HIDES:
        return None
    other = others[int(over.argmax())]
    known = copy(other)
    known.hidden_by = None  # or every copy would hold the ones before
    return other, known


def _weight(seconds: float, constant: float) -> float:
    """Of a new value in an exponential mean with a time constant."""
    return 1 - math.exp(-seconds / constant)


def center(box: Floats) -> Floats:
    """The middle of each of some boxes, (…, 4) x0, y0, x1, y1; (…, 2)."""
    return np.asarray((box[..., :2] + box[..., 2:]) / 2, np.float32)


def body_box(person: Person) -> Floats:
    """(4,) around the keypoints that are sure, or all when few are, with a margin for what is beyond them."""
    sure = person.keypoints.xy[person.keypoints.score > SURE]
    points = sure if len(sure) >= ENOUGH else person.keypoints.xy
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * float((high - low).max())
    return np.concatenate([low - margin, high + margin]).astype(np.float32)


def _step(before: Sighting, now: Sighting) -> Floats | None:
    """How far somebody moved between two sightings, (2,) in pixels; None when they cannot be compared."""
    if not now.clear:
        return center(now.box) - center(before.box) if now.box_score else None
    if not before.clear:
        return None
    one, other = before.look.person.keypoints, now.look.person.keypoints
    both = (one.score > MOVING) & (other.score > MOVING)
    if both.sum() < ENOUGH:
        return None
    step: Floats = np.median(other.xy[both] - one.xy[both], axis=0)
    return step
