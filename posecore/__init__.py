"""Video of a person in, COCO-17 keypoints out: video → frames → landmarks → keypoints → overlay / JSON → OKS."""
