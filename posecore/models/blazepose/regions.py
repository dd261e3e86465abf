"""BlazePose where people are: in the boxes of the person finder, and around those who were seen before."""

import dataclasses
import os

import numpy as np

from posecore.coco import to_person
from posecore.cores import available_cores
from posecore.look import Filter, Look
from posecore.models.blazepose.detector import Detector
from posecore.models.blazepose.in_box import MIN_SCORE, detect_in_box
from posecore.models.blazepose.landmark_network import LandmarkNetwork
from posecore.models.blazepose.openvino_landmarker import landmarks_of
from posecore.models.blazepose.roi import Roi
from posecore.models.blazepose.smoothing import Smoother
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image, Person


class BlazePoseInRegions:
    """See `posecore.look.PoseNetwork`. model_path: a `.task` bundle.

    threads: cores that one call may use; None is all. world: whether landmarks in metres are wanted too.
    device: what computes the networks.
    """

    seen = 0.5  # of the pose flag, MediaPipe's `min_pose_presence_confidence`

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        threads: int | None = None,
        world: bool = False,
        device: str = DEFAULTS.device,
    ) -> None:
        threads = threads or available_cores()
        self._detector = Detector(model_path, MIN_SCORE, threads, device=device)
        self._network = LandmarkNetwork(model_path, threads, world=world, device=device)
        self._detect, self._see = self._detector.request(), self._network.request(exact=False)

    def find(self, image: Image, box: Floats) -> Look | None:
        """See `PoseNetwork`. The detector looks first, then the landmark network twice: its own points aim better."""
        detection = detect_in_box(image, box, self._detect)
        if detection is None:
            return None
        return self._look(image, self._see(image, detection.roi).next_roi)

    def follow(self, image: Image, look: Look, moved: Floats) -> Look:
        """See `PoseNetwork`."""
        roi: Roi = look.aim
        height, width = image.shape[:2]
        x, y = roi.x + np.float32(moved[0] / width), roi.y + np.float32(moved[1] / height)
        return self._look(image, dataclasses.replace(roi, x=x, y=y))

    def _look(self, image: Image, roi: Roi) -> Look:
        pose = self._see(image, roi)
        person = to_person(landmarks_of(pose), image.shape[1], image.shape[0])
        if pose.confidence < self.seen:  # visibility and presence are high even then
            person = person.unseen()
        return Look(person, pose.confidence, pose.next_roi)

    def filter(self, width: int, height: int) -> Filter:
        """See `PoseNetwork`."""
        smoother, size = Smoother(), (width, height)

        def smoothed(look: Look, timestamp_ms: int) -> Person:
            found = look.person.landmarks
            assert found is not None
            return to_person(smoother.landmarks(found, size, timestamp_ms, float(look.aim.side(size))), width, height)

        return smoothed

    def close(self) -> None:
        """See `PoseNetwork`."""
        for network in (self._detector, self._network):
            network.close()
