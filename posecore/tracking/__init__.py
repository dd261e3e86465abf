"""From frame to frame: who is who, where to look for everyone next, mending and smoothing afterwards.

In: the pictures of a video with their times, a pose network and a person finder; or the people of frames. Out: people
with ids; or the same people, calmer. Of the other rooms it imports none; the networks come from whoever puts them
together.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.tracking.interpolation import (
        LONGEST_MS as LONGEST_MS,
        people_between as people_between,
        people_held as people_held,
    )
    from posecore.tracking.mending import (
        Track as Track,
        check_tracks as check_tracks,
        drop_track as drop_track,
        list_tracks as list_tracks,
        merge_tracks as merge_tracks,
        swap_tracks as swap_tracks,
    )
    from posecore.tracking.paths import Paths as Paths, body_size as body_size, smooth_points as smooth_points
    from posecore.tracking.seams import Ends as Ends, join_ids as join_ids
    from posecore.tracking.smoothing import Smoothed as Smoothed, smooth_frames as smooth_frames
    from posecore.tracking.tracker import Finder as Finder, Tracker as Tracker

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "interpolation": ("LONGEST_MS", "people_between", "people_held"),
        "mending": ("Track", "check_tracks", "drop_track", "list_tracks", "merge_tracks", "swap_tracks"),
        "paths": ("Paths", "body_size", "smooth_points"),
        "seams": ("Ends", "join_ids"),
        "smoothing": ("Smoothed", "smooth_frames"),
        "tracker": ("Finder", "Tracker"),
    },
)
