"""The BlazePose networks without MediaPipe's runtime: the PoseLandmarker graph in numpy, OpenCV and OpenVINO.

picture → detector → region → landmark network → landmarks → smoothing, and the region for the next frame.
The constants and rules are those of MediaPipe 0.10.31 (`mediapipe/tasks/cc/vision/pose_detector`, `…/pose_landmarker`
and `mediapipe/calculators`), computed in the same order; `bench/parity.py` compares the results.
"""

from posecore.blazepose.landmarker import BlazePoseLandmarker
from posecore.blazepose.region import Region

__all__ = ["BlazePoseLandmarker", "Region"]
