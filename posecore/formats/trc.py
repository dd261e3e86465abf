"""OpenSim's TRC (TRCFileAdapter of opensim-core): the markers of one person, in metres, y up."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecore.coco import LANDMARK_NAMES
from posecore.files import replacing, writing
from posecore.formats.openpose import PARTS
from posecore.formats.pace import Pace
from posecore.formats.people import NOBODYS, Unfit
from posecore.formats.stature import stature
from posecore.formats.tracks import Tracks, to_tracks
from posecore.pose import Floats, FramePose

KEYS = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame",
    "OrigNumFrames",
)  # fmt: skip
UPRIGHT = (1, -1, -1)  # from x right, y down, z away from the camera to x right, y up, z towards it

Markers = NDArray[np.float64]  # (T, N, markers, 3) x, y, z in metres, NaN where one was not found


def write_trc(
    path: str | os.PathLike[str],
    meta: Mapping[str, Any],
    frames: Iterable[FramePose],
    metres_per_pixel: float | None = None,
    person_height: float | None = None,
) -> None:
    """Write the markers of one person to `path`, of several to files of their own: walk_1.trc for track 1.

    With a scale they are the 17 keypoints, by OpenPose's names, from the lower left corner of the picture, z = 0;
    without one the 33 world landmarks, from the middle of the hips. What was not found is empty.

    metres_per_pixel: the scale. person_height: in metres, of the first of the people, from which it is measured.

    Raises ValueError when both are given, Unfit when there is neither a scale nor landmarks in metres, when the height
    cannot be measured and when people cannot be told apart; OSError when it cannot be written.
    """
    if metres_per_pixel and person_height:
        raise ValueError("--metres-per-pixel and --person-height: give one of them")
    pace, worlds = Pace(float(meta["fps"])), dict[tuple[int, int | None], Floats]()
    tracks = to_tracks(_noting(pace.watched(frames), worlds))
    if not tracks.ids:
        raise Unfit("has nobody in it")
    scale = metres_per_pixel or (person_height and person_height / stature(tracks.points[:, 0]))
    if scale:
        names, markers = PARTS, _in_picture(tracks.points, scale, meta["height"])
    elif worlds:
        names, markers = LANDMARK_NAMES, _in_world(tracks, worlds)
    else:
        raise Unfit("has no landmarks in metres; give --metres-per-pixel or --person-height, or run with --landmarks")
    with ExitStack() as stack:
        for number, target in enumerate(_targets(Path(path), tracks.ids)):
            temporary = stack.enter_context(replacing(target))
            with writing(target), open(temporary, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(_lines(target.name, names, tracks, markers[:, number], pace.rate))


def _noting(frames: Iterable[FramePose], worlds: dict[tuple[int, int | None], Floats]) -> Iterator[FramePose]:
    """The frames themselves; their world landmarks are kept by row and id."""
    for row, frame in enumerate(frames):
        for person in frame.persons:
            if person.landmarks is not None and person.landmarks.world is not None:
                worlds[row, person.track_id] = person.landmarks.world
        yield frame


def _in_picture(points: NDArray[np.float64], scale: float, height: int) -> Markers:
    x, y, _ = np.moveaxis(points, -1, 0)
    return scale * np.stack([x, height - y, 0 * x], axis=-1)


def _in_world(tracks: Tracks, worlds: Mapping[tuple[int, int | None], Floats]) -> Markers:
    markers = np.full((len(tracks.index), len(tracks.ids), len(LANDMARK_NAMES), 3), np.nan)
    for (row, track), world in worlds.items():
        if track in tracks.ids:
            markers[row, tracks.ids.index(track)] = world * np.array(UPRIGHT)
    return markers


def _targets(path: Path, ids: Sequence[int | None]) -> list[Path]:
    if len(ids) == 1:
        return [path]
    return [path.with_stem(f"{path.stem}_{NOBODYS if track is None else track}") for track in ids]


def _lines(name: str, names: Sequence[str], tracks: Tracks, markers: Markers, rate: float) -> Iterator[str]:
    """The lines as OpenSim itself writes them: every one that has columns ends on a tab, so that blanks are counted.

    markers: (T, markers, 3).
    """
    first, count, fps = tracks.index[0] + 1, len(tracks.index), f"{rate:.8g}"
    yield f"PathFileType\t4\t(X/Y/Z)\t{name}\n"
    yield "\t".join(KEYS) + "\n"
    yield f"{fps}\t{fps}\t{count}\t{len(names)}\tm\t{fps}\t{first}\t{count}\n"
    yield "Frame#\tTime\t" + "".join(f"{label}\t\t\t" for label in names) + "\n"
    yield "\t\t" + "".join(f"{axis}{number}\t" for number in range(1, len(names) + 1) for axis in "XYZ") + "\n\n"
    rows = np.round(markers, 5).reshape(count, -1) + 0.0  # no minus before a zero
    for index, ms, row in zip(tracks.index.tolist(), tracks.times_ms.tolist(), rows.tolist(), strict=True):
        cells = "".join("\t" if value != value else f"{value:.5f}\t" for value in row)
        yield f"{index + 1}\t{ms / 1000:.3f}\t{cells}\n"
