"""MediaPipe's PoseLandmarker graph, twice: by its own runtime, the reference, and in numpy, OpenCV and OpenVINO.

picture → detector → region of interest → landmark network → landmarks → smoothing, and the region for the next frame.
The constants and rules are those of MediaPipe 0.10.31 (`mediapipe/tasks/cc/vision/pose_detector`, `…/pose_landmarker`
and `mediapipe/calculators`), computed in the same order; `bench/parity.py` compares the results.
"""
