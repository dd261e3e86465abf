"""Networks that look at one picture: the table of them, and what runs them.

In: a picture. Out: landmarks. They remember nothing from picture to picture, with one exception: MediaPipe's graph in
video mode is kept whole in `blazepose`, since its worth is that it is MediaPipe's to the bit. Of the other rooms it
imports assets. An engine is imported when it is opened.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.models.blazepose.mediapipe_landmarker import MediaPipeLandmarker as MediaPipeLandmarker
    from posecore.models.blazepose.openvino_landmarker import BlazePoseLandmarker as BlazePoseLandmarker
    from posecore.models.blazepose.roi import Roi as Roi
    from posecore.models.catalog import (
        BLAZEPOSE as BLAZEPOSE,
        MODEL_NAMES as MODEL_NAMES,
        MODELS as MODELS,
        MOVENET as MOVENET,
        Family as Family,
        Model as Model,
        fetch_model as fetch_model,
        find_model as find_model,
        finder_file as finder_file,
        measured as measured,
        model_file as model_file,
    )
    from posecore.models.device import (
        check_file as check_file,
        device_used as device_used,
        devices as devices,
        find_device as find_device,
    )
    from posecore.models.landmarker import (
        Landmarker as Landmarker,
        PoseModel as PoseModel,
        check_engine as check_engine,
        open_finder as open_finder,
        open_model as open_model,
        open_regions as open_regions,
        open_search as open_search,
    )
    from posecore.models.movenet.movenet import MoveNet as MoveNet
    from posecore.models.topdown.top_down_network import (
        TopDownNetwork as TopDownNetwork,
        describe_network as describe_network,
    )
    from posecore.models.topdown.topdown import TopDown as TopDown

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "blazepose.mediapipe_landmarker": ("MediaPipeLandmarker",),
        "blazepose.openvino_landmarker": ("BlazePoseLandmarker",),
        "blazepose.roi": ("Roi",),
        "catalog": (
            "BLAZEPOSE",
            "MODEL_NAMES",
            "MODELS",
            "MOVENET",
            "Family",
            "Model",
            "fetch_model",
            "find_model",
            "finder_file",
            "measured",
            "model_file",
        ),
        "device": ("check_file", "device_used", "devices", "find_device"),
        "landmarker": (
            "Landmarker",
            "PoseModel",
            "check_engine",
            "open_finder",
            "open_model",
            "open_regions",
            "open_search",
        ),
        "movenet.movenet": ("MoveNet",),
        "topdown.top_down_network": ("TopDownNetwork", "describe_network"),
        "topdown.topdown": ("TopDown",),
    },
)
