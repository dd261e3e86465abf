"""The table of models, and the file of each."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from posecore.assets import ASSETS, cache_folder, cached, fetch, fetch_all
from posecore.options import Options


@dataclass(frozen=True)
class Family:
    """What the models of a family have in common.

    engines: what can run them, each with the class that opens one (module below this package: class) as `open_model`
        calls it. search: the class that the person finder helps, as `open_search` calls it. regions: the one that looks
        at one person at a time, as `open_regions` calls it.
    keypoints: what they find. suffixes: of their files.
    needs_finder: whether it sees a person only where the person finder says that there is one.
    convention: what the scores in a document mean. cites: where it is described.
    """

    name: str
    engines: Mapping[str, str]
    search: str
    regions: str
    keypoints: str
    suffixes: tuple[str, ...]
    convention: str
    cites: str
    needs_finder: bool = False


@dataclass(frozen=True)
class Model:
    """A pose network. asset: the name of its file in `posecore.assets.ASSETS`. input: pixels that it looks at."""

    name: str
    family: Family
    size: str
    asset: str
    input: int


BLAZEPOSE = Family(
    "BlazePose",
    {
        "openvino": "blazepose.openvino_landmarker:BlazePoseLandmarker",
        "mediapipe": "blazepose.mediapipe_landmarker:MediaPipeLandmarker",
    },
    "blazepose.search:SearchingBlazePose",
    "blazepose.regions:BlazePoseInRegions",
    "33 landmarks",
    (".task",),
    "Per-keypoint 'score' is max(landmark.visibility, landmark.presence) in [0,1] when available. "
    "'pose_score' is the mean of the 17 scores. A frame without a pose has x = y = 0 and score 0 for all keypoints.",
    "Bazarevsky et al. 2020, arXiv:2006.10204",
)
MOVENET = Family(
    "MoveNet",
    {"openvino": "movenet.movenet:MoveNet"},
    "movenet.search:SearchingMoveNet",
    "movenet.regions:MoveNetInRegions",
    "17 keypoints",
    (".tfjs.zip", ".json"),
    "Per-keypoint 'score' is the network's own confidence in [0,1] that the keypoint is there. "
    "'pose_score' is the mean of the 17 scores. A frame without a pose has x = y = 0 and score 0 for all keypoints.",
    "Votel, Li 2021, TensorFlow blog: Next-Generation Pose Detection with MoveNet and TensorFlow.js",
)
TOP_DOWN = Family(
    "top-down",
    {"openvino": "topdown.topdown:TopDown"},
    "topdown.search:SearchingTopDown",
    "topdown.regions:TopDownInRegions",
    "17 keypoints",
    (".onnx",),
    "Per-keypoint 'score' is the highest value that the network gives for it, cut to [0,1]: of a heatmap, or the mean "
    "of those along x and y (SimCC). It is no probability. "
    "'pose_score' is the mean of the 17 scores. A frame without a pose has x = y = 0 and score 0 for all keypoints.",
    "Jiang et al. 2023, arXiv:2303.07399 (RTMPose); Xu et al. 2022, arXiv:2204.12484 (ViTPose)",
    needs_finder=True,
)
OWN = Model("top-down", TOP_DOWN, "", "", 0)  # whatever an ONNX file of the user's holds: it says the rest itself
MODELS = {
    model.name: model
    for model in (
        Model("blazepose-lite", BLAZEPOSE, "lite", "lite", 256),
        Model("blazepose-full", BLAZEPOSE, "full", "full", 256),
        Model("blazepose-heavy", BLAZEPOSE, "heavy", "heavy", 256),
        Model("movenet-lightning", MOVENET, "lightning", "movenet-lightning", 192),
        Model("movenet-thunder", MOVENET, "thunder", "movenet-thunder", 256),
    )
}
FINDER = "finder"  # its asset
MODEL_NAMES = ("lite", "full", "heavy")  # of BlazePose, by model complexity


def find_model(
    complexity: int, name: str | None = None, path: str | os.PathLike[str] | None = None, engine: str | None = None
) -> Model:
    """The model of this name; without one that of `path` by its suffix, else BlazePose of this complexity.

    engine: that is to run it. Raises ValueError for an unknown name, a name beside a file that says itself what it is,
    and a model that the engine cannot run.
    """
    model = None if path is None else _model_of(path)
    if model is OWN and name is not None:
        raise ValueError(f"{path}: is not a file of {name}; leave --model out")
    if model is None or name is not None:
        name = name or f"blazepose-{MODEL_NAMES[complexity]}"
        if name not in MODELS:
            raise ValueError(f"{name}: unknown model; known are {', '.join(MODELS)}")
        model = MODELS[name]
    if engine is not None and engine not in model.family.engines:
        raise ValueError(f"{model.name}: {engine} cannot run it; use --engine {' or '.join(model.family.engines)}")
    return model


def _model_of(path: str | os.PathLike[str]) -> Model | None:
    """What a file is by its suffix."""
    if str(path).endswith(TOP_DOWN.suffixes):
        return OWN
    if str(path).endswith(MOVENET.suffixes):
        return MODELS["movenet-thunder"]  # which of the two sizes it is the file itself says
    return None


def model_file(
    model: Model, path: str | os.PathLike[str] | None = None, download: bool = True, search: bool = False
) -> Path:
    """The file to load: `path` if it is given, else that of the model, downloaded only if allowed.

    search: whether the person finder will be wanted too, which may come in the same package.

    Raises FileNotFoundError when it is not there, and what `posecore.assets.fetch` raises.
    """
    if path is not None:
        if not Path(path).is_file():
            kinds = " or ".join(model.family.suffixes)
            raise FileNotFoundError(f"{path}: no such model file; give a {kinds} file of {model.family.name}")
        return Path(path)
    if download:
        try:
            return fetch_all([model.asset, FINDER] if search else [model.asset])[0]
        except ConnectionError as error:
            raise ConnectionError(f"{error}, or give a file that was fetched by hand with --model-path") from error
    if found := cached(model.asset):
        return found
    raise FileNotFoundError(
        f"{cache_folder() / ASSETS[model.asset].file_name}: the model {model.name} is not cached and downloads are "
        f"switched off; run 'posecore fetch {model.asset}' once, or give --model-path"
    )


def finder_file(download: bool = True) -> Path:
    """The file of the person finder, downloaded only if allowed. Raises what `model_file` raises."""
    if download:
        return fetch(FINDER)
    if found := cached(FINDER):
        return found
    raise FileNotFoundError(
        f"{cache_folder() / ASSETS[FINDER].file_name}: the person finder is not cached and downloads are switched off; "
        f"run 'posecore fetch {FINDER}' once"
    )


def fetch_model(options: Options) -> tuple[Model, Path]:
    """The model that the options of a run ask for, and its file; the person finder is there too where it is needed.

    Raises what `find_model` and `model_file` raise.
    """
    model = find_model(options.model_complexity, options.model, options.model_path, options.engine)
    needs_finder = options.search or options.people != 1 or model.family.needs_finder
    file = model_file(model, options.model_path, options.download_model, needs_finder)
    if needs_finder:
        finder_file(options.download_model)
    return model, file


def not_a_model(path: str | os.PathLike[str]) -> str:
    """What an engine says of a file that is no pose model."""
    if str(path).endswith(MOVENET.suffixes):
        return f"{path}: not a graph model of MoveNet, or damaged; fetch one with 'posecore fetch movenet-thunder'"
    if str(path).endswith(TOP_DOWN.suffixes):
        return (
            f"{path}: not a pose network in ONNX, or damaged; give one with the input (batch, 3, height, width), and "
            "its weights in the same file"
        )
    return f"{path}: not a PoseLandmarker .task bundle, or damaged; fetch one with 'posecore fetch full'"


def measured() -> dict[str, Any]:
    """What was measured of the models: by engine and name `AP`, `missed`, `ms` and `machine`; on how many `images`.

    From eval/results, whose protocol eval/README.md describes.
    """
    table: dict[str, Any] = json.loads(files("posecore.models").joinpath("measured.json").read_text(encoding="utf-8"))
    return table
