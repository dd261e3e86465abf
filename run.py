"""Draw the COCO-17 skeleton of a person onto a video and write the keypoints as JSON; see README.md."""

import sys

from posecore.cli import main

if __name__ == "__main__":
    sys.exit(main(default="run"))
