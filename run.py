"""Draw the COCO-17 skeleton of a person onto a video and write the keypoints as JSON; see README.md."""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the command listens: out at once, without a traceback

from posecore.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(default="run"))
