"""Decode a video and encode it again, in two threads and nothing else: the limit of what the command can reach."""

import argparse

from posecore.cores import available_cores
from posecore.options import DEFAULTS
from posecore.pipeline import Prefetch
from posecore.video import VideoReader, VideoWriter


def main() -> None:
    """Transcode one video with the writer's own settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--preset", default=DEFAULTS.preset)
    arguments = parser.parse_args()
    threads = available_cores()
    with VideoReader(arguments.input, max(1, threads // 2)) as video:  # which is quicker than all
        with VideoWriter(
            arguments.output, video.info, sound_of=arguments.input, preset=arguments.preset, threads=threads
        ) as writer:
            with Prefetch((frame for frame in video), "decode") as frames:
                for frame in frames:
                    writer.write(frame._decoded, frame.time, frame.duration)


if __name__ == "__main__":
    main()
