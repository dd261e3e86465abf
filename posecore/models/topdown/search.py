"""A top-down network on pictures: a pose in every box of the person finder."""

import os

from posecore.models.person_finder import PersonFinder
from posecore.models.topdown.top_down_network import TopDownNetwork
from posecore.models.topdown.topdown import person_of, refuse_world
from posecore.options import DEFAULTS
from posecore.pose import Image, Person
from posecore.similarity import area, suppress

MIN_BOX = 0.12  # score of a box that is looked at
SAME = 0.6  # OKS above which two poses are one person


class SearchingTopDown:
    """Finds people in single pictures.

    model_path: an ONNX file. num_poses: people to give at most, the surest; 0 is all.
    device: what computes the networks. threads: cores that one call may use; None is all.

    The score of a person is the root of the mean squared score of the keypoints, times the root of the box's.

    Raises ValueError for landmarks and mirrors, and what `TopDownNetwork` refuses.
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
        refuse_world(world)
        if mirror:
            raise ValueError("--mirror: is for MoveNet; leave it out")
        self._network = TopDownNetwork(model_path, threads, device)
        self._finder, self._num_poses = finder, num_poses

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Person]:
        """See `posecore.models.PoseModel`."""
        boxes, scores = self._finder(image, MIN_BOX)
        found = self._network.poses(image, boxes)
        persons = [person_of(pose, float(score)) for pose, score in zip(found, scores, strict=True)]
        areas = [area(person, box) for person, box in zip(persons, boxes, strict=True)]
        return suppress(persons, areas, SAME)[: self._num_poses or None]

    def close(self) -> None:
        """Leave the networks to the next one."""
        self._network.close()
        self._finder.close()
