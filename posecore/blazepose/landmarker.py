"""The whole graph: detect or track, find landmarks, smooth."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Self

import numpy as np
from numpy.typing import NDArray

from posecore.blazepose.detector import Detector, DetectorRequest
from posecore.blazepose.mesh import Body, LandmarkNetwork, LandmarkRequest
from posecore.blazepose.region import Region
from posecore.blazepose.smoothing import Smoother
from posecore.cores import available_cores
from posecore.pose import Landmarks

Image = NDArray[np.uint8]
MODES = ("image", "video")
Networks = tuple[DetectorRequest, LandmarkRequest]


class BlazePoseLandmarker:
    """PoseLandmarker on one `.task` bundle, on the processor, by OpenVINO.

    mode: "video" for the frames of one video, in order; "image" for single pictures.
    num_poses: how many people to look for; only with 1 does "video" smooth the landmarks.
    min_detection, min_presence, min_tracking: MediaPipe's confidence thresholds in [0, 1].
    threads: cores that one call may use; None is all.
    streams: pictures that `detect_batch` works on at the same time.

    Raises ValueError for an unknown mode or delegate, and a file that is no PoseLandmarker bundle.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        *,
        mode: str = "video",
        num_poses: int = 1,
        delegate: str = "cpu",
        min_detection: float = 0.5,
        min_presence: float = 0.5,
        min_tracking: float = 0.5,
        threads: int | None = None,
        streams: int = 1,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode}")
        if delegate != "cpu":
            raise ValueError(f"the engine openvino runs on the CPU only; use --delegate cpu, not {delegate}")
        threads = threads or available_cores()
        with ThreadPoolExecutor(2) as pool:  # both are loaded at the same time
            detector = pool.submit(Detector, model_path, min_detection, threads, streams)
            network = pool.submit(LandmarkNetwork, model_path, threads, streams)
            self._detector, self._network = detector.result(), network.result()
        self._networks = self._detector.request(), self._network.request()
        self._streams = streams
        self._num_poses = num_poses
        self._min_presence = min_presence
        self._min_tracking = min_tracking
        self._video = mode == "video"
        self._smoother = Smoother() if self._video and num_poses == 1 else None
        self._tracked: list[Region] = []
        self._last_ms = -1

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Landmarks]:
        """See `posecore.estimator.Landmarker`. Timestamps that do not grow are moved on by a millisecond.

        Raises ValueError when a timestamp is missing in "video" mode.
        """
        detect, look = self._networks
        if not self._video:
            return self._landmarks(image, self._bodies(image, self._detected(image, detect), look))
        if timestamp_ms is None:
            raise ValueError("timestamp_ms is missing: 'video' mode needs the time of every frame")
        self._last_ms = max(self._last_ms + 1, timestamp_ms)
        bodies = self._bodies(image, self._regions(image, detect), look)
        self._tracked = [body.next_region for body in bodies]
        if self._smoother and not bodies:
            self._smoother.lost()
        return self._landmarks(image, bodies)

    def detect_in(self, image: Image, regions: Iterable[Region]) -> list[Landmarks]:
        """The landmarks of people in given regions of a single picture, without the detector; "image" mode."""
        return self._landmarks(image, self._bodies(image, regions, self._networks[1]))

    def detect_batch(self, images: Iterable[Image]) -> list[list[Landmarks]]:
        """`detect` for many single pictures, `streams` of them at the same time; "image" mode."""
        free: SimpleQueue[Networks] = SimpleQueue()
        for _ in range(self._streams):
            free.put((self._detector.request(), self._network.request()))

        def detect_one(image: Image) -> list[Landmarks]:
            detect, look = networks = free.get()
            try:
                return self._landmarks(image, self._bodies(image, self._detected(image, detect), look))
            finally:
                free.put(networks)

        with ThreadPoolExecutor(self._streams) as pool:
            return list(pool.map(detect_one, images))

    def _detected(self, image: Image, detect: DetectorRequest) -> list[Region]:
        return [detection.region for detection in detect(image)][: self._num_poses]

    def _regions(self, image: Image, detect: DetectorRequest) -> list[Region]:
        """Where to look in a frame: at those who were there before, and, if not all are, at those who are detected."""
        if len(self._tracked) >= self._num_poses:
            return self._tracked
        regions = self._tracked
        for found in (detection.region for detection in detect(image)):
            regions = [region for region in regions if region.overlap(found) <= self._min_tracking] + [found]
        return regions[: self._num_poses]

    def _bodies(self, image: Image, regions: Iterable[Region], look: LandmarkRequest) -> list[Body]:
        bodies = (look(image, region) for region in regions)
        return [body for body in bodies if body.confidence >= self._min_presence]

    def _landmarks(self, image: Image, bodies: Iterable[Body]) -> list[Landmarks]:
        return [self._finish(body, *image.shape[:2]) for body in bodies]

    def _finish(self, body: Body, height: int, width: int) -> Landmarks:
        xyz, visibility = body.xyz[:33], body.visibility[:33]
        if self._smoother:
            pixels, scale = np.array([width, height, width], np.float32), float(body.next_region.side((width, height)))
            xyz, visibility = self._smoother(xyz * pixels, visibility, self._last_ms, scale)
            xyz = xyz / pixels
        return Landmarks(
            xyz=xyz,
            visibility=visibility,
            presence=body.presence[:33],
            detection_confidence=body.region.confidence,
            pose_confidence=body.confidence,
        )

    def close(self) -> None:
        """Leave the networks to the next landmarker."""
        self._detector.close()
        self._network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
