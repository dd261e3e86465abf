"""From frame to frame: who is who, and how to mend that by hand.

In: the people of frames. Out: the same people with ids. Of the other rooms it imports none.
"""

from posecore.tracking.mending import Track, check_tracks, drop_track, list_tracks, merge_tracks, swap_tracks

__all__ = ["Track", "check_tracks", "drop_track", "list_tracks", "merge_tracks", "swap_tracks"]
