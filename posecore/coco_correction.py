"""Where COCO's annotators put the keypoints that BlazePose sees: a linear map of its landmarks, fitted on pictures.

BlazePose learned from other annotators, who put ears further out and hips elsewhere. `coco_correction.json` has the
coefficients and says what they were fitted on, `eval/fit_correction.py` fits them, docs/results.md says what they gain.
"""

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from posecore.coco import LANDMARK_NAMES
from posecore.pose import Keypoints, Person

FILE = "coco_correction.json"
HIPS, SHOULDERS = (
    [LANDMARK_NAMES.index(f"{side}_{name}") for side in ("left", "right")] for name in ("hip", "shoulder")
)
LEAST = 1e-6  # pixels: a body that is smaller has no posture

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posture:
    """Landmarks without place, size and turn of the body.

    points: (33, 2), in units of the body's size from the middle of the hips; that of the shoulders is straight up.
    size: root mean square distance of the landmarks from their centre, in pixels. axes: (2, 2), the rows are the
        directions in the picture in which the x and y of the points grow.
    """

    points: Array
    size: float
    axes: Array

    @classmethod
    def of(cls, xy: Array) -> Self:
        """From landmarks in pixels, (33, 2)."""
        hips = xy[HIPS].mean(axis=0)
        size = max(float(np.sqrt(((xy - xy.mean(axis=0)) ** 2).sum(axis=1).mean())), LEAST)
        up = xy[SHOULDERS].mean(axis=0) - hips
        down = -up / max(float(np.hypot(*up)), LEAST)
        axes = np.array([[down[1], -down[0]], down])
        return cls((xy - hips) / size @ axes.T, size, axes)


@dataclass(frozen=True, eq=False)
class CocoCorrection:
    """Moves a person's keypoints. In units and along the axes of the `Posture` a keypoint goes by
    constant + weights · (points − mean).

    mean: (33, 2), of the points. weights: (17, 2, 33, 2). constant: (17, 2).
    """

    mean: Array
    weights: Array
    constant: Array

    @classmethod
    def read(cls) -> Self:
        """The one that belongs to the package."""
        table = json.loads(files("posecore").joinpath(FILE).read_text(encoding="utf-8"))
        return cls(*(np.array(table[name]) for name in ("mean", "weights", "constant")))

    def to_json(self) -> dict[str, Any]:
        """Its numbers, of five decimals, by the names above."""
        return {name: np.round(getattr(self, name), 5).tolist() for name in ("mean", "constant", "weights")}

    def __call__(self, person: Person, width: int, height: int) -> Person:
        """The person with corrected keypoints, in a picture of width × height pixels; scores stay.

        Somebody with a landmark that is not finite stays.

        Raises ValueError for somebody without landmarks.
        """
        if person.landmarks is None:
            raise ValueError("the correction is made from BlazePose's landmarks, which this model does not give")
        posture = Posture.of(person.landmarks.xyz[:, :2] * np.array([width, height]))
        moves = self.constant + np.einsum("kcnd,nd->kc", self.weights, posture.points - self.mean)
        xy = person.keypoints.xy + np.nan_to_num(moves @ posture.axes * posture.size)
        keypoints = Keypoints(xy.astype(np.float32), person.keypoints.score)
        box = Person.around(keypoints).box if person.track_id is None else person.box
        return replace(person, keypoints=keypoints, box=box)
