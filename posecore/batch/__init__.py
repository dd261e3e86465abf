"""Many videos: every one once, on this machine or on a cluster, and again only what changed.

In: a folder, a pattern or a list. Out: a folder of outputs and a manifest. Of the other rooms it imports pipeline, and
what cutting and joining long videos needs: video, formats, models. What needs Unix (`fcntl`) or Ray is here and nowhere
else.
"""

from posecore.batch.manifest import Record
from posecore.batch.process import process_videos
from posecore.batch.ray_cluster import connected, ray_runner
from posecore.batch.runner import Progress, Result, Runner
from posecore.batch.workers import local_runner

__all__ = ["Progress", "Record", "Result", "Runner", "connected", "local_runner", "process_videos", "ray_runner"]
