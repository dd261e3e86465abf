"""One HTML file in which a person looks at a result: the video, the skeletons over it, a time line, what to doubt.

In: the document of a video, perhaps the video and the document of a second run. Out: a page that needs no server and
no network. Python packs, and judges which stretches are doubtful and where two runs disagree; the scripts beside the
template show it. Of the other rooms it imports formats, video and overlay, whose colours it shares.
"""

from posecore.viewer.view import View, write_view

__all__ = ["View", "write_view"]
