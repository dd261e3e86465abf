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


def costs_of(tracks: list[Track], sightings: list[Sighting], timestamp_ms: int) -> Costs:
    """What it costs that each who is followed is who is seen, (tracks, sightings).

    Place, overlap, pose and clothes against what is expected.
    """
    if not tracks or not sightings:
        return np.zeros((len(tracks), len(sightings)))
    expected = np.stack([track.expected(timestamp_ms) for track in tracks])[:, None]
    boxes = np.stack([seen.box for seen in sightings])
    seconds = np.array([[(timestamp_ms - track.seen_ms) / 1000] for track in tracks])
    away = (center(boxes) - center(expected)) / np.array([[[track.size]] for track in tracks])
    places = np.exp(-(away**2).sum(axis=2) / (2 * (SPREAD + SPREAD_PER_SECOND * seconds) ** 2))
    poses = np.where(_known(tracks, sightings, seconds), _poses(tracks, sightings, timestamp_ms), UNKNOWN_POSE * places)
    likeness = np.array([[_likeness(track.clothes, seen.clothes) for seen in sightings] for track in tracks])
    return 1 - (iou(expected, boxes) + places + poses) / 3 + CLOTHES * (1 - likeness)


def _known(tracks: list[Track], sightings: list[Sighting], seconds: Floats) -> NDArray[np.bool_]:
    """Where both poses are sure and little time lies between them."""
    before = np.array([[track.last.clear] for track in tracks]) & (seconds < POSE_SECONDS)
    return before & np.array([seen.clear for seen in sightings])


def _poses(tracks: list[Track], sightings: list[Sighting], timestamp_ms: int) -> Floats:
    """OKS of each pose that is expected with each that is seen."""
    before, now = [track.last.look.person for track in tracks], [seen.look.person for seen in sightings]
    expected = [one.keypoints.xy + track.moved(timestamp_ms) for one, track in zip(before, tracks, strict=True)]
    areas = np.maximum.outer(*([area(person) for person in people] for people in (before, now)))
    return similarities(np.stack(expected), np.stack([one.keypoints.xy for one in now]), areas * LOOSE**2)


def _likeness(one: Floats | None, other: Floats | None) -> float:
    return UNKNOWN if one is None or other is None else max(LEAST_LIKENESS, alike(one, other))


def overlaps(sightings: list[Sighting], boxes: Floats) -> Floats:
    """IoU of the box of each sighting with each of n boxes, (sightings, n)."""
    return iou(np.array([seen.box for seen in sightings], np.float32).reshape(-1, 1, 4), boxes)


def loose_oks(one: Person, other: Person, square_pixels: float, loose: float) -> float:
    """OKS whose sigmas are `loose` times COCO's."""
    return similarity(one, other, square_pixels * loose**2)
