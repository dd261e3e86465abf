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
        MODEL_NAMES as MODEL_NAMES,
        MODELS as MODELS,
        Model as Model,
        measured as measured,
        model_file as model_file,
    )
    from posecore.models.landmarker import Landmarker as Landmarker, open_landmarker as open_landmarker

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "blazepose.mediapipe_landmarker": ("MediaPipeLandmarker",),
        "blazepose.openvino_landmarker": ("BlazePoseLandmarker",),
        "blazepose.roi": ("Roi",),
        "catalog": ("MODEL_NAMES", "MODELS", "Model", "measured", "model_file"),
        "landmarker": ("Landmarker", "open_landmarker"),
    },
)
