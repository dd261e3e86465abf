"""The table of formats."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from posecore.formats.coco import is_dataset, is_results, read_dataset, read_results, write_dataset, write_results
from posecore.formats.csv import is_csv, read_csv, write_csv
from posecore.formats.dlc import is_dlc, is_multi, read_dlc, write_dlc, write_multi
from posecore.formats.foreign import Foreign
from posecore.formats.mot import write_mot
from posecore.formats.npz import is_npz, read_npz, write_npz
from posecore.formats.openpose import is_openpose, read_openpose, write_openpose, write_openpose_17
from posecore.formats.parquet import is_parquet, read_parquet, write_parquet
from posecore.formats.slp import is_slp, read_slp, write_slp
from posecore.formats.trc import write_trc


@dataclass(frozen=True)
class Format:
    """How other programs have what a document holds.

    write: (path, meta, frames), and what `options` names, as keyword arguments.
    read: (path), and what `read_options` names, → Foreign; None where a file has not what a document needs.
    recognise: (path, its first bytes, none of a folder) → whether it is one.
    timed: whether its readers know when each frame is shown; else they count frames, and take the rate to be even.
    """

    write: Callable[..., None]
    read: Callable[..., Foreign] | None = None
    recognise: Callable[[Path, bytes], bool] = lambda path, head: False
    timed: bool = False
    options: tuple[str, ...] = ()
    read_options: tuple[str, ...] = ()


# By the name that the user gives. What is recognised is tried in this order.
FORMATS = {
    "coco": Format(write_results, read_results, is_results, read_options=("images",)),
    "coco-dataset": Format(write_dataset, read_dataset, is_dataset, timed=True),
    "openpose": Format(write_openpose, read_openpose, is_openpose),
    "openpose-17": Format(write_openpose_17, read_openpose),
    "csv": Format(write_csv, read_csv, is_csv, timed=True),
    "parquet": Format(write_parquet, read_parquet, is_parquet, timed=True),
    "dlc": Format(write_dlc, read_dlc, is_dlc),
    "dlc-multi": Format(write_multi, read_dlc, is_multi),
    "npz": Format(write_npz, read_npz, is_npz, timed=True),
    "slp": Format(write_slp, read_slp, is_slp),
    "trc": Format(write_trc, options=("metres_per_pixel", "person_height")),
    "mot": Format(write_mot),
}
