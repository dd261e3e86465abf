"""How alike two poses or two boxes are, and which of many poses are the same person."""

from collections.abc import Iterator, Sequence

import numpy as np

from posecore.coco import OKS_SIGMAS
from posecore.pose import Floats, Person

OF_BOX, OF_EXTENT = 0.53, 0.7  # a person's area as COCO has it, in that of the box, or of the sure keypoints' extent
SURE = 0.2  # score of a keypoint whose place counts
GRID = 20  # points along each side of a box of which others cover a share


def area(person: Person, box: Floats | None = None) -> float:
    """About the area that COCO would give a person, in square pixels; box: the finder's, when it is known."""
    if box is not None:
        return float((box[2:] - box[:2]).prod()) * OF_BOX
    sure = person.keypoints.xy[person.keypoints.score > SURE]
    points = sure if len(sure) > 1 else person.keypoints.xy
    return max(1.0, float(np.ptp(points, axis=0).prod()) * OF_EXTENT)


def similarity(one: Person, other: Person, square_pixels: float) -> float:
    """OKS of two poses, in [0, 1], over all 17 keypoints; square_pixels: the area of the person."""
    distances = ((one.keypoints.xy - other.keypoints.xy) ** 2).sum(axis=1)
    return float(np.exp(-distances / (2 * square_pixels * (2 * OKS_SIGMAS) ** 2)).mean())


def similarities(ones: Floats, others: Floats, square_pixels: np.ndarray) -> np.ndarray:
    """The same of all poses in `ones` with all in `others`, (n, 17, 2) and (m, 17, 2); (n, m), as is square_pixels."""
    distances = ((ones[:, None] - others) ** 2).sum(axis=3)
    alike: np.ndarray = np.exp(-distances / (2 * square_pixels[..., None] * (2 * OKS_SIGMAS) ** 2)).mean(axis=2)
    return alike


def same_people(ones: Sequence[Person], twos: Sequence[Person]) -> Iterator[tuple[int, int, float]]:
    """Pairs of numbers and their OKS, the most alike first; everybody is in one pair at most, at no OKS of 0."""
    if not ones or not twos:
        return
    places, there = (np.stack([person.keypoints.xy for person in people]) for people in (ones, twos))
    oks = similarities(places, there, np.maximum.outer([area(one) for one in ones], [area(two) for two in twos]))
    free_ones, free_twos = set(range(len(ones))), set(range(len(twos)))
    for flat in np.argsort(-oks, axis=None).tolist():
        a, b = divmod(flat, len(twos))
        if a in free_ones and b in free_twos and oks[a, b] > 0:
            free_ones.remove(a)
            free_twos.remove(b)
            yield a, b, float(oks[a, b])


def suppress(persons: Sequence[Person], areas: Sequence[float], limit: float) -> list[Person]:
    """Of poses that are similar by more than `limit` the one with the highest score, the surest first."""
    order = sorted(range(len(persons)), key=lambda n: -persons[n].score)
    kept: list[int] = []
    for n in order:
        if all(similarity(persons[n], persons[k], areas[k]) <= limit for k in kept):
            kept.append(n)
    return [persons[n] for n in kept]


def iou(boxes: Floats, box: Floats) -> Floats:
    """Intersection over union of boxes, (…, 4) x0, y0, x1, y1, with one, or with others of the shape (…, 4); (…,).

    0 where both are a point. Every one of n with every one of m: `iou(ones[:, None], others)`, (n, m).
    """
    sides = np.minimum(boxes[..., 2:], box[..., 2:]) - np.maximum(boxes[..., :2], box[..., :2])
    common = np.clip(sides, 0, None).prod(axis=-1)
    areas = (boxes[..., 2:] - boxes[..., :2]).prod(axis=-1) + (box[..., 2:] - box[..., :2]).prod(axis=-1)
    both: Floats = common / np.maximum(areas - common, np.finfo(np.float32).tiny)
    return both


def inside(box: Floats, other: Floats) -> float:
    """The share of a box, (4,) x0, y0, x1, y1, that is in another, in [0, 1]."""
    (x0, y0, x1, y1), (left, top, right, bottom) = box.tolist(), other.tolist()
    common = max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, bottom) - max(y0, top))
    return common / max(1e-6, (x1 - x0) * (y1 - y0))


def covered(box: Floats, others: Floats) -> float:
    """The share of a box that is in any of others, (n, 4), in [0, 1]: of GRID × GRID points in it."""
    places = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
    x, y = (low + places * (high - low) for low, high in zip(box[:2], box[2:], strict=True))
    columns = (others[:, :1] < x) & (x < others[:, 2:3])
    rows = (others[:, 1:2] < y) & (y < others[:, 3:])
    return float((rows[:, :, None] & columns[:, None]).any(axis=0).mean())
