"""The page of a document, put together."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecore.coco import KEYPOINT_NAMES, SKELETON
from posecore.files import refuse_inputs
from posecore.options import DEFAULTS
from posecore.overlay import PLAIN
from posecore.page import write_page
from posecore.viewer.disagreement import Disagreement, disagreement
from posecore.viewer.doubt import LOW, doubts
from posecore.viewer.footage import Footage, check_footage, named_footage, to_footage
from posecore.viewer.packing import arrays_of, marks_of, pack
from posecore.viewer.run import Run, head_of, read_run, text

PathLike = str | os.PathLike[str]

EMBED_LIMIT = 50.0  # megabytes of a video from which on the page links to it


@dataclass(frozen=True)
class View:
    """What a page has.

    frames, people, doubtful: of the first run, numbers of them. disagreeing: stretches, None without a second run.
    video: in words. warnings: what may be wrong with it and could be lived with.
    """

    frames: int
    people: int
    doubtful: int
    disagreeing: int | None
    video: str
    warnings: tuple[str, ...] = ()


def write_view(
    document: PathLike,
    page: PathLike,
    video: PathLike | None = None,
    other: PathLike | None = None,
    embed_limit: float = EMBED_LIMIT,
    look_for_video: bool = True,
) -> View:
    """Write the page of a document.

    video: the file it was made of; None: the one that the document names, if it lies beside it or in the current folder
        and look_for_video says so. It is in the page when it has less than embed_limit megabytes.
    other: the document of a second run over the same video.

    Raises ValueError when a document is none, or one of another video; OSError when a file cannot be read or written.
    """
    refuse_inputs(page, document, video, other)
    run = read_run(Path(document))
    second = None if other is None else read_run(Path(other))
    differs = None if second is None else _compare(run, second)
    footage, warnings = _footage(run, Path(page), video, embed_limit, look_for_video)
    found = doubts(run.series, run.times)
    runs = [one for one in (run, second) if one]
    packed = [pack(arrays_of(one.frames, one.series, one.unit)) for one in runs]
    write_page(
        page,
        Path(__file__).parent,
        "view.html",
        title=text(run.meta.get("source")) or text(run.path.name),
        head=_skeleton()
        | {"runs": [head_of(one) for one in runs], "doubts": found, "video": _video_head(footage)}
        | ({"disagreement": _disagreement_head(run, second, differs)} if second and differs else {}),
        packed=[*packed, pack([marks_of(differs.frames)])] if differs else packed,
        footage=footage,
        runs=runs,
    )
    return View(
        len(run.frames),
        sum(len(one.frames) > 0 for one in run.series),
        len(found),
        len(differs.stretches) if differs else None,
        f"{footage.name} {'inside' if footage.embedded else 'linked to'}" if footage else "no video",
        warnings,
    )


def _compare(run: Run, second: Run) -> Disagreement:
    try:
        if (second.width, second.height) != (run.width, run.height):
            raise ValueError(
                f"is of a video of {second.width}×{second.height}, and {run.path} of one of {run.width}×{run.height}; "
                "give a second run over the same video"
            )
        return disagreement(run.frames, second.frames)
    except ValueError as error:
        raise ValueError(f"{second.path}: {error}") from error


def _footage(
    run: Run, page: Path, video: PathLike | None, embed_limit: float, look_for_video: bool
) -> tuple[Footage | None, tuple[str, ...]]:
    """The video and what is to be said of it; one that nobody asked for and that is another one is left out."""
    path = None if video is None else Path(video)
    if path is None and look_for_video:
        path = named_footage(run.path, run.meta.get("source"))
    if path is None:
        return None, ()
    try:
        warning = check_footage(path, (run.width, run.height), int(run.times[-1]))
    except (ValueError, OSError) as error:
        if video is not None:
            raise
        return None, (f"{error}; the page has no video",)
    return to_footage(path, page, embed_limit), (warning,) if warning else ()


def _skeleton() -> dict[str, Any]:
    return {
        "joints": [{"name": name.replace("_", " "), "side": _side(k)} for k, name in enumerate(KEYPOINT_NAMES)],
        "edges": [[a, b, _side(a, b)] for a, b in SKELETON],
        "minScore": DEFAULTS.min_score,
        "low": LOW,
    }


def _side(*keypoints: int) -> str:
    """Which of its colours the overlay gives to a keypoint, or to an edge between two."""
    return next(side for side in ("left", "right", "middle") if getattr(PLAIN, side) == PLAIN.of(*keypoints))


def _video_head(footage: Footage | None) -> dict[str, Any] | None:
    if footage is None:
        return None
    return {"name": footage.name, "kind": footage.kind, "link": "" if footage.embedded else footage.link}


def _disagreement_head(run: Run, second: Run, differs: Disagreement) -> dict[str, Any]:
    numbers = {one.track_id: number for number, one in enumerate(second.series)}
    partners = [numbers.get(differs.partners.get(one.track_id, None), -1) for one in run.series]
    return {"stretches": differs.stretches, "partners": partners}
