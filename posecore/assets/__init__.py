"""Named files by hash: the model bundles and the demo clip.

In: a name. Out: a path in the cache, after a download from the first source that has it. Of the other rooms it imports
none.
"""

from posecore.assets.catalog import ASSETS, TFJS_GRAPH, TFJS_WEIGHTS, Asset
from posecore.assets.download import cache_folder, cached, fetch, fetch_all

__all__ = ["ASSETS", "TFJS_GRAPH", "TFJS_WEIGHTS", "Asset", "cache_folder", "cached", "fetch", "fetch_all"]
