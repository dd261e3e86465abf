"""What a run needs before its first frame: the estimator that its options ask for, and what is said of the run."""

from pathlib import Path
from typing import Any

from posecore import __version__
from posecore.estimator import PoseEstimator, open_estimator
from posecore.files import file_sha256, valid_text
from posecore.models import Model, device_used
from posecore.options import Options
from posecore.video import VideoInfo


def estimator_of(options: Options, file: Path, threads: int, mode: str = "video") -> PoseEstimator:
    """The estimator that the options ask for. file: of the model. mode: see `posecore.open_estimator`."""
    return open_estimator(
        options.engine,
        options.model_complexity,
        model=options.model,
        model_path=file,
        mode=mode,
        max_side=options.max_side,
        device=options.device,
        threads=threads,
        download=options.download_model,
        world=options.landmarks,
        search=options.search,
        num_poses=options.people,
        keep_lost=options.keep_lost,
        finder_every=options.finder_every,
        coco_correction=options.coco_correction,
    )


def meta_of(info: VideoInfo, source: str, model: Model, file: Path, options: Options) -> dict[str, Any]:
    """The meta of a document. source: the name of the video; file: of the model."""
    device = device_used(options.engine, options.device)
    return {
        "fps": round(float(info.fps), 8),
        "width": info.width,
        "height": info.height,
        "source": valid_text(source),
        "model": valid_text(file.name),
        "model_sha256": file_sha256(file),
        "model_family": model.family.name,
        **({} if options.model_path else {"model_size": model.size}),  # a file of one's own does not say
        "engine": options.engine,
        **({"device": device} if device != "CPU" else {}),
        **({"coco_correction": True} if options.coco_correction else {}),
        "max_side": options.max_side,
        **({"every": options.every} if options.every != 1 else {}),
        **({"max_rate": options.max_rate} if options.max_rate is not None else {}),
        **({"sparse": True} if options.sparse else {}),
        "posecore_version": __version__,
    }


def wants_everyone(options: Options) -> bool:
    """Whether the document has all that is known of everyone."""
    return options.landmarks or options.people != 1
