"""MediaPipe Tasks PoseLandmarker; the only file that imports mediapipe."""

import os
import secrets
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import numpy as np

from posecore.models.catalog import not_a_model
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
NETWORKS = {"pose_detector.tflite", "pose_landmarks_detector.tflite"}


class MediaPipeLandmarker:
    """A PoseLandmarker on one `.task` bundle; close it, or its destructor complains when Python ends.

    mode: "video" for the frames of one video, in order; "image" for single pictures.
    num_poses: how many people to look for; only with 1 does "video" smooth the landmarks.
    min_detection, min_presence, min_tracking: MediaPipe's confidence thresholds in [0, 1].
    threads: without effect, MediaPipe takes one. world: whether landmarks in metres are wanted too.

    Raises ValueError for an unknown mode or delegate, a delegate that this machine lacks, and a file that is no
    PoseLandmarker bundle.
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
        world: bool = False,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode}")
        if delegate != "cpu":
            raise ValueError(
                f"MediaPipe {mp.__version__} has no {delegate} delegate: its Python package ignores the wish and "
                "runs on the CPU; use --delegate cpu"
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
            with _silence():
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
        with _silence():
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
        with _silence():
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
    try:
        with zipfile.ZipFile(path) as bundle:
            whole = set(bundle.namelist()) >= NETWORKS and bundle.testzip() is None
    except (zipfile.BadZipFile, EOFError):
        whole = False
    if not whole:
        raise ValueError(not_a_model(path))


class _Sieve:
    """Keeps what MediaPipe logs off stderr, for it cannot be told to be quiet, and hands on all that others print.

    While it is in use file descriptor 2 is a pipe, and a thread passes on what comes out. Users share it and do not
    wait for one another.
    """

    LOGGED = (
        b"INFO: Created TensorFlow Lite",
        b"WARNING: All log messages before absl",
        b"ERROR: The model is not a valid Flatbuffer",
        b"I0000 00:",
        b"W0000 00:",
        b"E0000 00:",
        b"Calculator::",  # an error's second line
    )

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._on = False
        self._stderr = -1  # where it went before; stays open for child processes
        self._ends: tuple[int, int] | None = None
        self._mark = f"\0{secrets.token_hex(8)}\n".encode()
        self._passed = threading.Event()  # all up to the mark

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Use it for a block."""
        with self._lock:
            if not self._users:
                self._begin()
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._end()

    def _begin(self) -> None:
        try:
            if self._stderr < 0:
                self._stderr = os.dup(2)
            else:
                os.dup2(2, self._stderr)
        except OSError:  # there is none
            return
        if self._ends is None:
            self._ends = os.pipe()
            threading.Thread(target=self._pass_on, args=(self._ends[0],), name="stderr", daemon=True).start()
        os.dup2(self._ends[1], 2)
        self._on = True

    def _end(self) -> None:
        if not self._on or self._ends is None:
            return
        self._on = False
        os.dup2(self._stderr, 2)
        self._passed.clear()
        os.write(self._ends[1], self._mark)
        self._passed.wait(5)  # a child process that was started meanwhile may print still later

    def _pass_on(self, end: int) -> None:
        held = b""
        while data := os.read(end, 65536):
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                before, mark, _ = (line + b"\n").partition(self._mark)
                self._print(before)
                if mark:
                    self._passed.set()
            if held and not any(logged.startswith(held[: len(logged)]) for logged in (*self.LOGGED, self._mark)):
                self._print(held)  # of a progress bar, say
                held = b""

    def _print(self, text: bytes) -> None:
        if text and not text.startswith(self.LOGGED):
            with suppress(OSError):
                os.write(self._stderr, text)


_silence = _Sieve()
