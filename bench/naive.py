"""The loop that everybody writes, with OpenCV and MediaPipe: the baseline of bench/run.py.

It reads, shrinks, finds, draws and writes one frame after the other; its output has no sound, lies as the camera lay,
and few browsers play it.
"""

import argparse
import json

import cv2
import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision

from posecore.coco import KEYPOINT_NAMES, LANDMARK_NAMES, SKELETON

CHOSEN = [LANDMARK_NAMES.index(name) for name in KEYPOINT_NAMES]


def main() -> None:
    """Process one video."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", required=True)
    parser.add_argument("--model", required=True, help="a .task bundle")
    parser.add_argument("--output", help="leave it out, and nothing is drawn or encoded")
    parser.add_argument("--json", required=True)
    arguments = parser.parse_args()

    capture = cv2.VideoCapture(arguments.input)
    fps = capture.get(cv2.CAP_PROP_FPS)
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = None
    if arguments.output:
        writer = cv2.VideoWriter(arguments.output, cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=arguments.model), running_mode=vision.RunningMode.VIDEO
    )
    scale = min(1.0, 640 / max(width, height))
    frames = []
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        while True:
            read, frame = capture.read()
            if not read:
                break
            small = cv2.resize(frame, None, fx=scale, fy=scale)
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
            result = landmarker.detect_for_video(image, round(1000 * len(frames) / fps))
            people = result.pose_landmarks
            points = [(p.x * width, p.y * height, max(p.visibility, p.presence)) for p in people[0]] if people else []
            keypoints = [points[i] for i in CHOSEN] if points else [(0.0, 0.0, 0.0)] * 17
            if writer:
                draw(frame, keypoints)
                writer.write(frame)
            frames.append([dict(zip(("x", "y", "score"), keypoint, strict=True)) for keypoint in keypoints])
    if writer:
        writer.release()
    with open(arguments.json, "w") as file:
        json.dump({"fps": fps, "width": width, "height": height, "frames": frames}, file)


def draw(frame: cv2.typing.MatLike, keypoints: list[tuple[float, float, float]]) -> None:
    """The skeleton of one person."""
    for a, b in SKELETON:
        if min(keypoints[a][2], keypoints[b][2]) >= 0.2:
            cv2.line(frame, *((int(x), int(y)) for x, y, _ in (keypoints[a], keypoints[b])), (0, 255, 0), 4)
    for x, y, score in keypoints:
        if score >= 0.2:
            cv2.circle(frame, (int(x), int(y)), 6, (0, 0, 255), -1)


if __name__ == "__main__":
    main()
