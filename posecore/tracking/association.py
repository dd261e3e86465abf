"""Who is who: what is seen in a frame and who is followed, paired over all of them at once."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from posecore.pose import Floats, Keypoints, Person
from posecore.similarity import area, iou, similarity
from posecore.tracking.appearance import alike
from posecore.tracking.track import Sighting, Track, center

Costs = NDArray[np.floating]

MAX_COST = 0.9  # of a pair
CLOTHES = 0.5  # weight of the clothes, beside 1 of the place
UNKNOWN = 0.5  # likeness where the clothes of one are not known
LOST = 0.15  # cost of taking up somebody who was not there in the frame before: who was there comes first
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


def costs_of(tracks: list[Track], sightings: list[Sighting], timestamp_ms: int, last_ms: int) -> Costs:
    """What each pair costs, (tracks, sightings): place, overlap, pose and clothes against what is expected.

    last_ms: the time of the frame before.
    """
    costs = [
        [cost(track, seen, timestamp_ms) + LOST * (track.seen_ms != last_ms) for seen in sightings] for track in tracks
    ]
    return np.array(costs, float).reshape(len(tracks), len(sightings))


def overlaps(sightings: list[Sighting], boxes: Floats) -> Floats:
    """IoU of the box of each sighting with each of n boxes, (sightings, n)."""
    rows = [iou(boxes, seen.box) for seen in sightings]
    return np.array(rows, np.float32).reshape(len(sightings), len(boxes))


def loose_oks(one: Person, other: Person, square_pixels: float, loose: float) -> float:
    """OKS whose sigmas are `loose` times COCO's."""
    return similarity(one, other, square_pixels * loose**2)


def cost(track: Track, seen: Sighting, timestamp_ms: int) -> float:
    """What it costs that somebody who is followed is who is seen."""
    moved, seconds = track.moved(timestamp_ms), (timestamp_ms - track.seen_ms) / 1000
    box = track.box + np.tile(moved, 2)
    away = (center(seen.box) - center(box)) / track.size
    place = float(np.exp(-(away @ away) / (2 * (SPREAD + SPREAD_PER_SECOND * seconds) ** 2)))
    pose = UNKNOWN_POSE * place
    if seen.clear and track.last.clear and seconds < POSE_SECONDS:
        before = track.last.look.person
        expected = replace(before, keypoints=Keypoints(before.keypoints.xy + moved, before.keypoints.score))
        pose = loose_oks(seen.look.person, expected, max(area(before), area(seen.look.person)), LOOSE)
    one, other = seen.clothes, track.clothes
    likeness = UNKNOWN if one is None or other is None else alike(one, other)
    return 1 - (float(iou(seen.box[None], box)[0]) + place + pose) / 3 + CLOTHES * (1 - likeness)
