"""Top-down networks from ONNX files of the user's own: 17 COCO keypoints of one person in a box of a picture.

picture → the finder's boxes → crop of each → network → SimCC or heatmaps → keypoints. Crop and decoding are those of
`rtmlib` (Tau-J/rtmlib, Apache-2.0) on a picture in RGB, which is what MMPose's and ViTPose's networks were trained on.
"""
