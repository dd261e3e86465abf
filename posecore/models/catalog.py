"""The table of models, and the file of each."""

import json
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from posecore.assets import ASSETS, cache_folder, cached, fetch


@dataclass(frozen=True)
class Model:
    """A pose network.

    name: which is also that of its file in `posecore.assets.ASSETS`. keypoints: what it finds.
    input: what it looks at, in pixels. cites: where it is described.
    """

    name: str
    family: str
    keypoints: str
    input: str
    cites: str


def _blazepose(size: str) -> Model:
    return Model(size, "BlazePose", "33 landmarks", "256×256", "Bazarevsky et al. 2020, arXiv:2006.10204")


MODELS = tuple(map(_blazepose, ("lite", "full", "heavy")))  # by model complexity
MODEL_NAMES = tuple(model.name for model in MODELS)


def model_file(complexity: int, path: str | os.PathLike[str] | None = None, download: bool = True) -> Path:
    """The bundle to load: `path` if it is given, else the one of this complexity, downloaded only if allowed.

    Raises FileNotFoundError when it is not there, and what `posecore.assets.fetch` raises.
    """
    if path is not None:
        if not Path(path).is_file():
            raise FileNotFoundError(f"{path}: no such model file; give a PoseLandmarker .task bundle")
        return Path(path)
    name = MODEL_NAMES[complexity]
    if download:
        return fetch(name)
    if found := cached(name):
        return found
    raise FileNotFoundError(
        f"{cache_folder() / ASSETS[name].file_name}: the {name} model is not cached and downloads are switched off; "
        f"run 'posecore fetch {name}' once, or give --model-path"
    )


def not_a_model(path: str | os.PathLike[str]) -> str:
    """What an engine says of a file that is no pose model."""
    return f"{path}: not a PoseLandmarker .task bundle, or damaged; fetch one with 'posecore fetch full'"


def measured() -> dict[str, Any]:
    """What was measured of the models: by engine and name, `AP`, `missed` and `ms`; on which `images` and `machine`.

    From eval/results, whose protocol eval/README.md describes.
    """
    table: dict[str, Any] = json.loads(files("posecore.models").joinpath("measured.json").read_text(encoding="utf-8"))
    return table
