"""MoveNet, Lightning and Thunder: 17 COCO keypoints of one person in a square of a picture.

picture → square → keypoints → the square for the next look. The rules are those of `pose-detection/src/movenet` in
tensorflow/tfjs-models (Apache-2.0); the networks come from there too, as TensorFlow.js graph models.
"""
