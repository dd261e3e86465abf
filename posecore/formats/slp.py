"""SLEAP's file (sleap.ai), by sleap-io."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.files import replacing, writing
from posecore.formats.foreign import Foreign
from posecore.formats.people import ids_of, labels, person_of, seen, triples
from posecore.pose import FramePose, Person
from posecore.stderr import closed


def write_slp(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write everyone as a predicted instance, of a track where there is an id; the video is named and not opened.

    Raises ModuleNotFoundError without sleap-io, OSError when it cannot be written.
    """
    import sleap_io

    edges = [(KEYPOINT_NAMES[a], KEYPOINT_NAMES[b]) for a, b in SKELETON]
    skeleton = sleap_io.Skeleton(nodes=list(KEYPOINT_NAMES), edges=edges, name="COCO")
    video = sleap_io.Video(filename=meta["source"], open_backend=False)
    tracks: dict[int, Any] = {}
    labelled = []
    for frame in frames:
        instances = []
        for person in seen(frame):
            values, who = triples(person), person.track_id
            track = None if who is None else tracks.setdefault(who, sleap_io.Track())
            instances.append(
                sleap_io.PredictedInstance.from_numpy(
                    values[:, :2], skeleton, np.nan_to_num(values[:, 2]), round(person.score, 4), track
                )
            )
        labelled.append(sleap_io.LabeledFrame(video=video, frame_idx=frame.index, instances=instances))
    for track, name in zip(tracks.values(), labels(list(tracks), meta.get("track_names", {})), strict=True):
        track.name = name
    made = sleap_io.Labels(labelled, [video], [skeleton], list(tracks.values()))
    with replacing(path) as temporary, writing(path), closed():  # on a full disk HDF5 says much, and may crash
        sleap_io.save_slp(made, str(temporary), verbose=False)


def is_slp(path: Path, head: bytes) -> bool:
    """Whether it is HDF5."""
    return head.startswith(b"\x89HDF\r\n\x1a\n")


def read_slp(path: Path) -> Foreign:
    """Read the instances of one video; of the nodes of a skeleton those count that have a name of COCO's keypoints.

    Raises ModuleNotFoundError without sleap-io.
    """
    import sleap_io

    _refuse_other_files(path)
    read = sleap_io.load_slp(str(path), open_videos=False)
    if len(read.videos) != 1:
        raise ValueError(f"it is of {len(read.videos)} videos, and a document is of one")
    ids, names = ids_of([track.name for track in read.tracks])
    by_track = {id(track): number for track, number in zip(read.tracks, ids, strict=True)}
    people = {
        frame.frame_idx: [_person(instance, by_track.get(id(instance.track))) for instance in frame.instances]
        for frame in read.labeled_frames
    }
    frames = [(index, [person for person in found if person is not None]) for index, found in sorted(people.items())]
    return Foreign(frames, frame_count=frames[-1][0] + 1, source=Path(read.video.filename).name, names=names)


def _refuse_other_files(path: Path) -> None:
    """Raise ValueError where the values of a file are to be read from another one, which HDF5 would do unasked."""
    import h5py

    names: list[str] = []
    with h5py.File(path) as file:
        file.visit_links(names.append)
        for name in names:
            link = file.get(name, getlink=True)
            data = file[name] if isinstance(link, h5py.HardLink) else None
            outside = isinstance(data, h5py.Dataset) and (data.external or data.is_virtual)
            if outside or isinstance(link, h5py.ExternalLink):
                raise ValueError(f"its {name} is in another file, which is not opened")


def _person(instance: Any, track: int | None) -> Person | None:
    """People that a person has marked have no scores: 1 each."""
    predicted = hasattr(instance, "score")
    values = instance.numpy(scores=True) if predicted else instance.numpy()
    by_name = dict(zip(instance.skeleton.node_names, values, strict=True))
    missing = [np.nan] * 3
    points = [[*by_name.get(name, missing), 1][:3] for name in KEYPOINT_NAMES]
    return person_of(points, track, float(instance.score) if predicted else None)
