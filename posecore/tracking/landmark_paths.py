"""The landmarks of one person through a whole video, calmed as the keypoints are: in the picture and in metres."""

from collections.abc import Mapping

import numpy as np

from posecore.options import Smoothing
from posecore.pose import Floats, Landmarks, Person
from posecore.tracking.filters import Values
from posecore.tracking.paths import either, smooth_points

LEAST = 0.001  # weight of a landmark that is surely hidden
MILLIMETRES = 1000.0


def smooth_landmarks(
    times: Values, rows: Mapping[int, Person], size: tuple[int, int], smoothing: Smoothing, interval: float
) -> dict[int, Landmarks]:
    """By the row of `times`: the landmarks of whoever has some, and of who was missing for a moment.

    Who is put in has the confidences of the one before. size: (width, height), pixels.
    """
    found = {row: person.landmarks for row, person in rows.items() if person.landmarks is not None}
    if not found:
        return {}
    weight = np.zeros((len(times), 33))
    weight[list(found)] = [np.maximum(one.visibility, one.presence).clip(LEAST) for one in found.values()]

    def calm(of_each: Mapping[int, Floats], unit: Values | float) -> Values:
        points = np.full((len(times), 33, 3), np.nan)
        if of_each:
            points[list(of_each)] = np.stack(list(of_each.values())) * unit
        return smooth_points(times, points, weight, smoothing, interval).points / unit

    xyz = calm({row: one.xyz for row, one in found.items()}, np.array([size[0], size[1], size[0]]))
    world = calm({row: one.world for row, one in found.items() if one.world is not None}, MILLIMETRES)
    smooth, before = {}, found[min(found)]
    for row in np.flatnonzero(np.isfinite(xyz).any(axis=(1, 2))).tolist():
        before = found.get(row, before)
        smooth[row] = Landmarks(
            either(xyz[row], before.xyz),
            before.visibility,
            before.presence,
            world=None if before.world is None else either(world[row], before.world),
        )
    return smooth
