"""Settings tried on the same parts of videos, in turn: whatever else the machine does meanwhile hits all alike."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from posecore.comparison.candidate import Candidate
from posecore.comparison.piece import Piece
from posecore.evaluation import in_turn
from posecore.pipeline import process_video
from posecore.pose import FramePose
from posecore.temporary import temporary_folder

WARM_UP = 5  # frames at the beginning of a part whose times do not count


@dataclass(frozen=True, eq=False)
class Trial:
    """What a setting did with n frames of a part.

    poses: of each frame, with its time in the video. milliseconds: (n,) of inference of each.
    done: (n,) seconds on a clock at which each was decoded, drawn, encoded, and written as JSON.
    """

    piece: Piece
    poses: Sequence[FramePose]
    milliseconds: NDArray[np.float32]
    done: NDArray[np.float64]

    @property
    def warm_up(self) -> int:
        """Frames whose times do not count."""
        return min(WARM_UP, len(self.poses) // 2)

    @property
    def timed(self) -> NDArray[np.float32]:
        """Milliseconds of inference of the frames after the warm-up."""
        return self.milliseconds[self.warm_up :]

    @property
    def pace(self) -> tuple[int, float]:
        """Frames after the warm-up, and the seconds that the whole command took for them."""
        done = self.done[self.warm_up :]
        return len(done) - 1, float(done[-1] - done[0])


def run_in_turn(candidates: Sequence[Candidate], pieces: Sequence[Piece]) -> dict[Candidate, list[Trial]]:
    """Run the whole command, to video and JSON, with every setting on every part; which is first changes.

    Raises what `process_video` raises.
    """
    trials: dict[Candidate, list[Trial]] = {candidate: [] for candidate in candidates}
    work = [(candidate, piece) for n, piece in enumerate(pieces) for candidate in in_turn(candidates, n)]
    with temporary_folder() as folder:
        for candidate, piece in tqdm(work, unit="run", disable=None):
            trials[candidate].append(_try(candidate, piece, folder))
    return trials


def _try(candidate: Candidate, piece: Piece, folder: Path) -> Trial:
    seen: list[FramePose] = []
    done: list[float] = []
    summary = process_video(
        piece.video,
        folder / "out.mp4",
        folder / "out.json",
        replace(candidate.options, start=piece.start, end=piece.end),
        on_frame=lambda: done.append(time.perf_counter()),
        on_people=seen.append,
    )
    own = seen[len(seen) - summary.frames :]  # those before it are there for the tracker to warm up on
    return Trial(piece, own, summary.milliseconds, np.array(done))
