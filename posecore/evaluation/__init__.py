"""How good the keypoints are, how long they take, and what they may be compared with.

In: COCO annotations and pictures, or results; people of a video and who they truly are. Out: OKS, AP, rankings, times,
and the report; recall and identity. Of the other rooms it imports estimator and models; the only one with pycocotools,
trackeval and matplotlib.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.evaluation.correction import (
        FOLDS as FOLDS,
        STRENGTH as STRENGTH,
        cross_corrected as cross_corrected,
        fit_correction as fit_correction,
        pose_pairs as pose_pairs,
    )
    from posecore.evaluation.dataset import (
        coco_folder as coco_folder,
        people_by_image as people_by_image,
        read_annotations as read_annotations,
        read_ids as read_ids,
        read_json as read_json,
        read_results as read_results,
        several_people_ids as several_people_ids,
        single_person_ids as single_person_ids,
    )
    from posecore.evaluation.errors import KINDS as KINDS, error_kinds as error_kinds, overlaps as overlaps
    from posecore.evaluation.following import follow as follow
    from posecore.evaluation.golden import golden_folder as golden_folder, read_golden as read_golden
    from posecore.evaluation.instance_score import INSTANCE_SCORES as INSTANCE_SCORES
    from posecore.evaluation.latency import (
        Stopwatch as Stopwatch,
        in_turn as in_turn,
        machine as machine,
        measure as measure,
        percentiles as percentiles,
    )
    from posecore.evaluation.marked import around_table as around_table, replace_table as replace_table
    from posecore.evaluation.matching import Matches as Matches, match as match, offsets as offsets
    from posecore.evaluation.motion import (
        accelerations as accelerations,
        jitter as jitter,
        kept_speed as kept_speed,
        lag as lag,
    )
    from posecore.evaluation.oks import STATS as STATS, Evaluation as Evaluation, evaluate as evaluate
    from posecore.evaluation.page import make_page as make_page
    from posecore.evaluation.pareto import pareto_front as pareto_front
    from posecore.evaluation.plots import oks_histogram as oks_histogram
    from posecore.evaluation.predict import predict_dataset as predict_dataset, predictions as predictions
    from posecore.evaluation.protocol import (
        Setting as Setting,
        coco_result as coco_result,
        find_people as find_people,
        read_picture as read_picture,
    )
    from posecore.evaluation.ranking import (
        average_precision as average_precision,
        compare as compare,
        score_poses as score_poses,
    )
    from posecore.evaluation.report import Report as Report, make_report as make_report
    from posecore.evaluation.run_files import (
        describe_model as describe_model,
        short_name as short_name,
        versions as versions,
        write_json as write_json,
    )
    from posecore.evaluation.score import score_results as score_results
    from posecore.evaluation.sweep import SweepResult as SweepResult, run_sweep as run_sweep
    from posecore.evaluation.track_report import (
        clips_folder as clips_folder,
        track_figures as track_figures,
        track_table as track_table,
        true_tracks_of as true_tracks_of,
    )
    from posecore.evaluation.tracks import (
        IdentityChange as IdentityChange,
        TrackScore as TrackScore,
        TrueFrame as TrueFrame,
        identity_changes as identity_changes,
        read_true_tracks as read_true_tracks,
        score_tracks as score_tracks,
    )

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "correction": ("FOLDS", "STRENGTH", "cross_corrected", "fit_correction", "pose_pairs"),
        "dataset": (
            "coco_folder",
            "people_by_image",
            "read_annotations",
            "read_ids",
            "read_json",
            "read_results",
            "several_people_ids",
            "single_person_ids",
        ),
        "errors": ("KINDS", "error_kinds", "overlaps"),
        "following": ("follow",),
        "golden": ("golden_folder", "read_golden"),
        "instance_score": ("INSTANCE_SCORES",),
        "latency": ("Stopwatch", "in_turn", "machine", "measure", "percentiles"),
        "marked": ("around_table", "replace_table"),
        "matching": ("Matches", "match", "offsets"),
        "motion": ("accelerations", "jitter", "kept_speed", "lag"),
        "oks": ("STATS", "Evaluation", "evaluate"),
        "pareto": ("pareto_front",),
        "plots": ("oks_histogram",),
        "page": ("make_page",),
        "predict": ("predict_dataset", "predictions"),
        "protocol": ("Setting", "coco_result", "find_people", "read_picture"),
        "ranking": ("average_precision", "compare", "score_poses"),
        "report": ("Report", "make_report"),
        "run_files": ("describe_model", "short_name", "versions", "write_json"),
        "score": ("score_results",),
        "sweep": ("SweepResult", "run_sweep"),
        "track_report": ("clips_folder", "track_figures", "track_table", "true_tracks_of"),
        "tracks": (
            "IdentityChange",
            "TrackScore",
            "TrueFrame",
            "identity_changes",
            "read_true_tracks",
            "score_tracks",
        ),
    },
)
