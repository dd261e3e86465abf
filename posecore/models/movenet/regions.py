"""MoveNet where people are: in the boxes of the person finder, and around those who were seen before."""

import os
from dataclasses import replace

from posecore.look import Filter, Look
from posecore.models.movenet.movenet import MIN_POSE, MoveNet, person_of
from posecore.models.movenet.search import FACTORS
from posecore.models.movenet.smoothing import smoothing_of
from posecore.models.movenet.square import Square
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image


class MoveNetInRegions:
    """See `posecore.look.PoseNetwork`. model_path: the file of one of its sizes.

    threads: cores that one call may use; None is all. device: what computes. world: as with `MoveNet`, refused.
    """

    seen = MIN_POSE

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        threads: int | None = None,
        world: bool = False,
        device: str = DEFAULTS.device,
    ) -> None:
        self._model = MoveNet(model_path, mode="image", device=device, threads=threads, world=world)

    def find(self, image: Image, box: Floats) -> Look:
        """See `PoseNetwork`."""
        return self._look(image, Square.around_box(box, FACTORS[self._model.side]))

    def follow(self, image: Image, look: Look, moved: Floats) -> Look:
        """See `PoseNetwork`."""
        square: Square = look.aim
        return self._look(image, replace(square, x=square.x + float(moved[0]), y=square.y + float(moved[1])))

    def _look(self, image: Image, square: Square) -> Look:
        found = self._model.look(image, square)
        person = person_of(found)
        return Look(person, person.score, Square.around_body(found) or square)

    def filter(self, width: int, height: int) -> Filter:
        """See `PoseNetwork`."""
        return smoothing_of(width, height)

    def close(self) -> None:
        """See `PoseNetwork`."""
        self._model.close()
