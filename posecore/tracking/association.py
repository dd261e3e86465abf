"""Who is who: what is seen in a frame and who is followed, paired over all of them at once."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from posecore.pose import Floats, Person
from posecore.similarity import area, iou, similarities, similarity
from posecore.tracking.appearance import alike
from posecore.tracking.track import Sighting, Track, center

Costs = NDArray[np.floating]

MAX_COST = 0.9  # of a pair
LOST = 0.15  # of taking up somebody who was not there in the frame before: who was there comes first
CLOTHES = 0.5  # weight of the clothes, beside 1 of the place
UNKNOWN = 0.5  # likeness where the clothes of one are not known
LEAST_LIKENESS = 0.4  # a pose that is a little wrong shows other colours of the same person
SPREAD, SPREAD_PER_SECOND = 0.25, 0.5  # how far people get from where they were expected, in their size
POSE_SECONDS = 0.3  # since when a pose says who it is; later it has changed
LOOSE = 1.5  # times the sigmas of OKS: people move
UNKNOWN_POSE = 0.5  # what counts as likeness of poses where one of them is not sure, times that of the places


def assign(costs: Costs, limit: float) -> list[tuple[int, int]]:
    """The pairs (row, column) of least cost in all, where being alone costs `limit` (Hungarian algorithm)."""
    if not costs.size:
        return []
    rows, columns = linear_sum_assignment(np.minimum(costs, limit))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if costs[row, column] < limit]


def costs_of(tracks: list[Track], sightings: list[Sighting], before: int, now: int) -> Costs:
    """What it costs that each who is followed is who is seen, (tracks, sightings).

    Place, overlap, pose and clothes against what is expected. before, now: times of the last frame and of this one.
    """
    if not tracks or not sightings:
        return np.zeros((len(tracks), len(sightings)))
    expected = np.stack([track.expected(now) for track in tracks])[:, None]
    boxes = np.stack([seen.box for seen in sightings])
    seconds = np.array([[(now - track.seen_ms) / 1000] for track in tracks])
    lost = np.array([[track.seen_ms != before] for track in tracks])
    away = (center(boxes) - center(expected)) / _sizes(tracks, boxes, lost)[..., None]
    places = np.exp(-(away**2).sum(axis=2) / (2 * (SPREAD + SPREAD_PER_SECOND * seconds) ** 2))
    poses = np.where(_known(tracks, sightings, seconds), _poses(tracks, sightings, now), UNKNOWN_POSE * places)
    likeness = np.array([[_likeness(track.clothes, seen.clothes) for seen in sightings] for track in tracks])
    return 1 - (iou(expected, boxes) + places + poses) / 3 + CLOTHES * (1 - likeness) + LOST * lost


def _sizes(tracks: list[Track], boxes: Floats, lost: NDArray[np.bool_]) -> Floats:
    """How large each person is if it is in each of the boxes, (n, 4); (tracks, n) in pixels.

    Before the network loses somebody its pose may shrink to a part: then it may be as large as the box.
    """
    sizes, sides = np.array([[track.size] for track in tracks]), (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    unsure = lost | np.array([[not track.last.clear] for track in tracks])
    return np.where(unsure, np.maximum(sizes, sides), sizes)


def _known(tracks: list[Track], sightings: list[Sighting], seconds: Floats) -> NDArray[np.bool_]:
    """Where both poses are sure and little time lies between them."""
    before = np.array([[track.last.clear] for track in tracks]) & (seconds < POSE_SECONDS)
    return before & np.array([seen.clear for seen in sightings])


def _poses(tracks: list[Track], sightings: list[Sighting], now: int) -> Floats:
    """OKS of each pose that is expected with each that is seen."""
    ones, others = [track.last.look.person for track in tracks], [seen.look.person for seen in sightings]
    expected = [one.keypoints.xy + track.moved(now) for one, track in zip(ones, tracks, strict=True)]
    areas = np.maximum.outer(*([area(person) for person in people] for people in (ones, others)))
    return similarities(np.stack(expected), np.stack([one.keypoints.xy for one in others]), areas * LOOSE**2)


def _likeness(one: Floats | None, other: Floats | None) -> float:
    return UNKNOWN if one is None or other is None else max(LEAST_LIKENESS, alike(one, other))


def overlaps(sightings: list[Sighting], boxes: Floats) -> Floats:
    """IoU of the box of each sighting with each of n boxes, (sightings, n)."""
    return iou(np.array([seen.box for seen in sightings], np.float32).reshape(-1, 1, 4), boxes)


def loose_oks(one: Person, other: Person, square_pixels: float, loose: float) -> float:
    """OKS whose sigmas are `loose` times COCO's."""
    return similarity(one, other, square_pixels * loose**2)
