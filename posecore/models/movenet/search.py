"""MoveNet on pictures with several people, or with one who is small: a look around every box of the person finder."""

import os

import numpy as np

from posecore.models.movenet.movenet import MoveNet, person_of
from posecore.models.movenet.square import Square
from posecore.models.person_finder import PersonFinder
from posecore.options import DEFAULTS
from posecore.pose import Image, Keypoints, Person
from posecore.similarity import area, suppress

FACTORS = {192: 1.0, 256: 1.1}  # of the square around a box, by the side of the network's input: Lightning, Thunder
MIN_BOX = 0.1  # score of a box that is looked at
WITHOUT_BOX = 0.2  # what the pose that needs no box counts as, in the score of a box
SAME = 0.6  # OKS above which two poses are one person


class SearchingMoveNet:
    """Finds people in single pictures.

    model_path: the file of one of its sizes. num_poses: people to give at most, the surest; 0 is all.
    device: what computes the networks. threads: cores that one call may use; None is all.
    mirror: whether every look is also taken in the mirror, and the two are averaged.

    The score of a person is the root of the mean squared score of the keypoints, times the root of the box's.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        finder: PersonFinder,
        *,
        num_poses: int = 1,
        device: str = DEFAULTS.device,
        threads: int | None = None,
        world: bool = False,
        mirror: bool = False,
    ) -> None:
        self._model = MoveNet(model_path, mode="image", device=device, threads=threads, world=world)
        self._finder, self._num_poses, self._mirror = finder, num_poses, mirror

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Person]:
        """See `posecore.models.PoseModel`."""
        height, width = image.shape[:2]
        boxes, scores = self._finder(image, MIN_BOX)
        squares = [Square.around_box(box, FACTORS[self._model.side]) for box in boxes]
        persons = [self._person(image, square, score) for square, score in zip(squares, scores, strict=True)]
        areas = [area(person, box) for person, box in zip(persons, boxes, strict=True)]
        first = self._model.look(image, Square.around_all(width, height))
        alone = self._person(image, Square.next(first, width, height), WITHOUT_BOX)
        found = suppress([*persons, alone], [*areas, area(alone)], SAME)
        return found[: self._num_poses or None]

    def _person(self, image: Image, square: Square, box_score: float) -> Person:
        person = person_of(self._look(image, square))
        return Person(person.keypoints, person.score * float(np.sqrt(box_score)), person.box)

    def _look(self, image: Image, square: Square) -> Keypoints:
        found = self._model.look(image, square)
        if not self._mirror:
            return found
        other = self._model.look(image, square, mirrored=True)
        half = np.float32(0.5)
        return Keypoints((found.xy + other.xy) * half, (found.score + other.score) * half)

    def close(self) -> None:
        """Leave the networks to the next one."""
        self._model.close()
        self._finder.close()
