"""The whole graph on OpenVINO: detect or track, find landmarks, smooth."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Self

from posecore.cores import available_cores
from posecore.models.blazepose.detector import Detector, DetectorRequest
from posecore.models.blazepose.in_box import MIN_SCORE, detect_in_box
from posecore.models.blazepose.landmark_network import LANDMARKS, LandmarkNetwork, LandmarkRequest, RoiPose
from posecore.models.blazepose.roi import Roi
from posecore.models.blazepose.smoothing import Smoother
from posecore.models.person_finder import SparseFinder
from posecore.options import DEFAULTS
from posecore.pose import Image, Landmarks

MODES = ("image", "video")
Networks = tuple[DetectorRequest, LandmarkRequest]


class BlazePoseLandmarker:
    """PoseLandmarker on one `.task` bundle, by OpenVINO.

    mode: "video" for the frames of one video, in order; "image" for single pictures.
    num_poses: how many people to look for; only with 1 does "video" smooth the landmarks.
    min_detection, min_presence, min_tracking: MediaPipe's confidence thresholds in [0, 1].
    threads: cores that one call may use; None is all.
    device: what computes the networks, see `posecore.models.find_device`.
    streams: pictures that `detect_batch` works on at the same time.
    world: whether landmarks in metres are wanted too.
    finder: looks for people in the frames of a video where the detector finds nobody.

    Raises ValueError for an unknown mode, a device that is not there, and a file that is no PoseLandmarker bundle.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        *,
        mode: str = "video",
        num_poses: int = 1,
        device: str = DEFAULTS.device,
        min_detection: float = 0.5,
        min_presence: float = 0.5,
        min_tracking: float = 0.5,
        threads: int | None = None,
        streams: int = 1,
        world: bool = False,
        finder: SparseFinder | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode}")
        threads = threads or available_cores()
        with ThreadPoolExecutor(2) as pool:  # both are loaded at the same time
            detector = pool.submit(Detector, model_path, min_detection, threads, streams, device)
            network = pool.submit(LandmarkNetwork, model_path, threads, streams, world, device)
            self._detector, self._network = detector.result(), network.result()
        self._networks = self._detector.request(), self._network.request()
        self._finder, self._in_box = finder, self._detector.request(MIN_SCORE)
        self._streams = streams
        self._num_poses = num_poses
        self._min_presence = min_presence
        self._min_tracking = min_tracking
        self._video = mode == "video"
        self._smoother = Smoother() if self._video and num_poses == 1 else None
        self._tracked: list[Roi] = []
        self._last_ms = -1

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Landmarks]:
        """See `posecore.models.Landmarker`. Timestamps that do not grow are moved on by a millisecond.

        Raises ValueError when a timestamp is missing in "video" mode.
        """
        if not self._video:
            return self._detect_alone(image, self._networks)
        if timestamp_ms is None:
            raise ValueError("timestamp_ms is missing: 'video' mode needs the time of every frame")
        detect, look = self._networks
        self._last_ms = max(self._last_ms + 1, timestamp_ms)
        poses = self._poses(image, self._rois(image, detect), look)
        self._tracked = [pose.next_roi for pose in poses]
        if self._smoother is None:
            return [landmarks_of(pose) for pose in poses]
        if not poses:
            self._smoother.lost()
        return [self._smoothed(pose, image.shape[1], image.shape[0]) for pose in poses]

    def detect_in(self, image: Image, rois: Iterable[Roi]) -> list[Landmarks]:
        """The landmarks of people in given regions of a single picture, without the detector.

        In either mode the picture is looked at alone: nothing is tracked, nothing is smoothed.
        """
        return [landmarks_of(pose) for pose in self._poses(image, rois, self._networks[1])]

    def detect_batch(self, images: Iterable[Image]) -> list[list[Landmarks]]:
        """The people of many pictures, each looked at alone in either mode, `streams` of them at the same time."""
        free: SimpleQueue[Networks] = SimpleQueue()
        for _ in range(self._streams):
            free.put((self._detector.request(), self._network.request()))

        def detect_one(image: Image) -> list[Landmarks]:
            networks = free.get()
            try:
                return self._detect_alone(image, networks)
            finally:
                free.put(networks)

        with ThreadPoolExecutor(self._streams) as pool:
            return list(pool.map(detect_one, images))

    def _detect_alone(self, image: Image, networks: Networks) -> list[Landmarks]:
        detect, look = networks
        rois = [detection.roi for detection in detect(image)][: self._num_poses]
        return [landmarks_of(pose) for pose in self._poses(image, rois, look)]

    def _rois(self, image: Image, detect: DetectorRequest) -> list[Roi]:
        """Where to look in a frame: at those who were there before, and, if not all are, at those who are detected."""
        if len(self._tracked) >= self._num_poses:
            return self._tracked
        rois = self._tracked
        detections = detect(image)
        if self._finder and not rois and not detections:
            box = self._finder(image)
            inside = None if box is None else detect_in_box(image, box, self._in_box)
            detections = [inside] if inside else []
        for found in (detection.roi for detection in detections):
            rois = [roi for roi in rois if roi.overlap(found) <= self._min_tracking] + [found]
        return rois[: self._num_poses]

    def _poses(self, image: Image, rois: Iterable[Roi], look: LandmarkRequest) -> list[RoiPose]:
        poses = (look(image, roi) for roi in rois)
        return [pose for pose in poses if pose.confidence >= self._min_presence]

    def _smoothed(self, pose: RoiPose, width: int, height: int) -> Landmarks:
        assert self._smoother is not None
        size = width, height
        return self._smoother.landmarks(landmarks_of(pose), size, self._last_ms, float(pose.next_roi.side(size)))

    def close(self) -> None:
        """Leave the networks to the next landmarker."""
        for opened in (self._detector, self._network, self._finder):
            if opened:
                opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def landmarks_of(pose: RoiPose) -> Landmarks:
    """What the landmark network said, as the rest of the house speaks."""
    return Landmarks(
        xyz=pose.xyz[:LANDMARKS],
        visibility=pose.visibility[:LANDMARKS],
        presence=pose.presence[:LANDMARKS],
        detection_confidence=pose.roi.confidence,
        pose_confidence=pose.confidence,
        world=pose.world,
    )
