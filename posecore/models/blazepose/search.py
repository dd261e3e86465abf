"""BlazePose on pictures, helped by the person finder: its own detector looks again where somebody is.

The detector of BlazePose sees 224 pixels of the whole picture and misses who is small or cut off. Inside the finder's
box it finds them, and what it finds there is followed through the landmark network as often as a video would do it.
"""

import dataclasses
import os

from posecore.coco import to_person
from posecore.cores import available_cores
from posecore.models.blazepose.detector import Detection, Detector
from posecore.models.blazepose.in_box import MIN_SCORE, detect_in_box
from posecore.models.blazepose.landmark_network import LandmarkNetwork, RoiPose
from posecore.models.blazepose.openvino_landmarker import landmarks_of
from posecore.models.person_finder import PersonFinder
from posecore.options import DEFAULTS
from posecore.pose import Image, Person
from posecore.similarity import area, suppress

MIN_BOX = 0.2  # score of a finder's box in which the detector looks
OWN = 2  # detections in the whole picture that are followed too
OWN_WEIGHT = 0.7  # what stands for the root of a box's score with them: without a box they are more often wrong
PASSES = 3  # through the landmark network, each from the alignment points of the one before
SAME = 0.5  # OKS above which two poses are one person


class SearchingBlazePose:
    """Finds people in single pictures.

    model_path: a `.task` bundle. num_poses: people to give at most, the surest; 0 is all.
    device: what computes the networks.
    threads: cores that one call may use; None is all. world: whether landmarks in metres are wanted too.

    The score of a person is the detector's, times the fourth root of the box's, times the pose flag, times the root of
    the mean squared visibility of the keypoints.
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
        if mirror:
            raise ValueError("--mirror: is for MoveNet; leave it out with BlazePose")
        threads = threads or available_cores()
        self._detector = Detector(model_path, MIN_SCORE, threads, device=device)
        self._network = LandmarkNetwork(model_path, threads, world=world, device=device)
        self._detect, self._look = self._detector.request(), self._network.request()
        self._finder, self._num_poses = finder, num_poses

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Person]:
        """See `posecore.models.PoseModel`."""
        boxes, scores = self._finder(image, MIN_BOX)
        inside = ((detect_in_box(image, box, self._detect), score) for box, score in zip(boxes, scores, strict=True))
        found = [self._follow(image, detection, float(score) ** 0.25) for detection, score in inside if detection]
        found += [self._follow(image, detection, OWN_WEIGHT) for detection in self._detect(image)[:OWN]]
        persons = suppress(found, [area(person) for person in found], SAME)
        return persons[: self._num_poses or None]

    def _follow(self, image: Image, detection: Detection, weight: float) -> Person:
        pose: RoiPose = self._look(image, detection.roi)
        for _ in range(PASSES - 1):
            pose = dataclasses.replace(self._look(image, pose.next_roi), roi=pose.roi)
        person = to_person(landmarks_of(pose), image.shape[1], image.shape[0])
        return dataclasses.replace(person, score=weight * detection.score * pose.confidence * person.score)

    def close(self) -> None:
        """Leave the networks to the next one."""
        for network in (self._detector, self._network, self._finder):
            network.close()
