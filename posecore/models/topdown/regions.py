"""A top-down network where people are: in the boxes of the person finder, and around those who were seen before."""

import os

import numpy as np

from posecore.look import Filter, Look
from posecore.models.movenet.smoothing import smoothing_of
from posecore.models.topdown.top_down_network import TopDownNetwork
from posecore.models.topdown.topdown import MIN_KEYPOINT, next_box, person_of, refuse_world
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image


class TopDownInRegions:
    """See `posecore.look.PoseNetwork`. model_path: an ONNX file.

    threads: cores that one call may use; None is all. device: what computes. world: refused.
    """

    seen = MIN_KEYPOINT

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        threads: int | None = None,
        world: bool = False,
        device: str = DEFAULTS.device,
    ) -> None:
        refuse_world(world)
        self._network = TopDownNetwork(model_path, threads, device)

    def find(self, image: Image, box: Floats) -> Look:
        """See `PoseNetwork`."""
        (found,) = self._network.poses(image, [box])
        person, following = person_of(found), next_box(found)
        return Look(person, person.score, box if following is None else following)

    def follow(self, image: Image, look: Look, moved: Floats) -> Look:
        """See `PoseNetwork`."""
        return self.find(image, look.aim + np.tile(moved, 2))

    def filter(self, width: int, height: int) -> Filter:
        """See `PoseNetwork`; as MoveNet is smoothed."""
        return smoothing_of(width, height)

    def close(self) -> None:
        """See `PoseNetwork`."""
        self._network.close()
