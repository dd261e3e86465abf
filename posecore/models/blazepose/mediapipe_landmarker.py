"""MediaPipe Tasks PoseLandmarker; the only file that imports mediapipe."""

import os
import sys
from pathlib import Path
from typing import Any, Self

import numpy as np

from posecore import stderr
from posecore.models.catalog import not_a_model
from posecore.models.members import read_members
from posecore.options import DEFAULTS
from posecore.pose import Image, Landmarks

_listening = "sounddevice" in sys.modules
if not _listening:
    sys.modules["sounddevice"] = None  # type: ignore[assignment]  # MediaPipe would wake the sound system: 0.16 s
import mediapipe as mp  # noqa: E402
from mediapipe.tasks.python import BaseOptions, vision  # noqa: E402

if not _listening:
    del sys.modules["sounddevice"]

MODES = {"image": vision.RunningMode.IMAGE, "video": vision.RunningMode.VIDEO}
OF_THE_FILE = ("latbuffer", "tflite", "TFLite", "RET_CHECK", "etadata", "zip", "tensor")  # in what MediaPipe says of it
NETWORKS = ("pose_detector.tflite", "pose_landmarks_detector.tflite")


class MediaPipeLandmarker:
    """A PoseLandmarker on one `.task` bundle; close it, or its destructor complains when Python ends.

    mode: "video" for the frames of one video, in order; "image" for single pictures.
    num_poses: how many people to look for; only with 1 does "video" smooth the landmarks.
    min_detection, min_presence, min_tracking: MediaPipe's confidence thresholds in [0, 1].
    threads: without effect, MediaPipe takes one. world: whether landmarks in metres are wanted too.

    Raises ValueError for an unknown mode, another device than the CPU, and a file that is no PoseLandmarker bundle.
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
        world: bool = False,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode}")
        if device not in ("CPU", "AUTO"):
            raise ValueError(
                f"--device {device}: MediaPipe {mp.__version__} runs on the CPU only, its Python package ignores the "
                "wish; use --device CPU, or --engine openvino"
            )
        _check_bundle(model_path)
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=os.fspath(model_path)),
            running_mode=MODES[mode],
            num_poses=num_poses,
            min_pose_detection_confidence=min_detection,
            min_pose_presence_confidence=min_presence,
            min_tracking_confidence=min_tracking,
        )
        self._video = mode == "video"
        self._world = world
        self._last_ms = -1
        self._found = False
        try:
            with stderr.without_logs():
                self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise ValueError(_failed(model_path, "cannot open it", error)) from error
        self._model_path = model_path

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Landmarks]:
        """See `posecore.models.Landmarker`. Timestamps that do not grow are moved on by a millisecond.

        Raises ValueError when a timestamp is missing in "video" mode, or the model turns out to be another one.
        """
        if self._video and timestamp_ms is None:
            raise ValueError("timestamp_ms is missing: 'video' mode needs the time of every frame")
        if self._found:
            return self._detect(image, timestamp_ms)
        with stderr.without_logs():
            people = self._detect(image, timestamp_ms)
        self._found = bool(people)  # MediaPipe's last warning comes with the first pose
        return people

    def _detect(self, image: Image, timestamp_ms: int | None) -> list[Landmarks]:
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))
        try:
            if timestamp_ms is None or not self._video:
                result = self._landmarker.detect(picture)
            else:
                self._last_ms = max(self._last_ms + 1, timestamp_ms)
                result = self._landmarker.detect_for_video(picture, self._last_ms)
        except RuntimeError as error:
            raise ValueError(_failed(self._model_path, "failed on a picture", error)) from error
        worlds = result.pose_world_landmarks if self._world else [None] * len(result.pose_landmarks)
        return [_landmarks(*person) for person in zip(result.pose_landmarks, worlds, strict=True)]

    def close(self) -> None:
        """Free the graph."""
        with stderr.without_logs():
            try:
                self._landmarker.close()
            except RuntimeError:  # what made a run fail is told once more
                self._landmarker._handle = None  # or the destructor closes it a second time and hangs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _landmarks(person: list[Any], world: list[Any] | None) -> Landmarks:
    values = np.array([(p.x, p.y, p.z, p.visibility, p.presence) for p in person], np.float32)
    metres = None if world is None else np.array([(p.x, p.y, p.z) for p in world], np.float32)
    return Landmarks(xyz=values[:, :3], visibility=values[:, 3], presence=values[:, 4], world=metres)


def _failed(path: str | os.PathLike[str], what: str, error: Exception) -> str:
    """What MediaPipe could not do, and why, which may be the file's fault or the machine's."""
    text = " ".join(str(error).split()) or type(error).__name__
    reason = text if len(text) < 200 else f"{text[:200]}…"
    if any(word in text for word in OF_THE_FILE):
        return f"{not_a_model(path)} (MediaPipe {what}: {reason})"
    return f"{path}: MediaPipe {what} ({reason}); is there enough memory? try --engine openvino, or fetch the file anew"


def _check_bundle(path: str | os.PathLike[str]) -> None:
    if not Path(path).is_file():
        raise ValueError(f"{path}: no such model file; give a PoseLandmarker .task bundle")
    read_members(path, NETWORKS)
