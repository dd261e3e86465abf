"""What the trials of several settings come to: a row of figures each, which no other beats, and what to take."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from posecore.comparison.candidate import Candidate, strongest
from posecore.comparison.measures import agreement, body_accelerations, jumps, seen_by_one
from posecore.comparison.piece import Piece
from posecore.comparison.trial import Trial, run_in_turn
from posecore.evaluation import machine, pareto_front, percentiles
from posecore.files import valid_text
from posecore.models import device_used


@dataclass(frozen=True)
class Row:
    """A setting in figures; None where there was nothing to measure.

    ms, p95_ms: of inference, median and 95th percentile of the frames. rounds_ms: least and largest median of a round.
    frames_per_second: of the whole command, once it runs. with_person: share of the frames.
    jitter: median acceleration in body sizes per s². jumps: of all people.
    agreement: mean OKS with the strongest setting over the frames in which one of both sees somebody.
    seen_by_one: share of these in which only one of both does, and which count as 0.
    """

    candidate: Candidate
    ms: float
    p95_ms: float
    rounds_ms: tuple[float, float]
    frames_per_second: float | None
    with_person: float
    jitter: float | None
    jumps: int
    agreement: float | None
    seen_by_one: float

    @property
    def label(self) -> str:
        """What the setting is called."""
        return self.candidate.label


@dataclass(frozen=True, eq=False)
class Comparison:
    """Settings in the order of their time.

    front: those that no other beats, in time and agreement. taken: the one to take for the budget; None without a
        budget, or where nothing fits. frames: that each has seen.
    """

    rows: Sequence[Row]
    strongest: Row
    front: Sequence[Row]
    taken: Row | None
    budget_ms: float | None
    frames: int
    trials: Mapping[Candidate, Sequence[Trial]]

    @property
    def pieces(self) -> list[Piece]:
        """The parts of the videos, round by round."""
        return [trial.piece for trial in self.trials[self.strongest.candidate]]

    @property
    def unsteadiness(self) -> float:
        """By which share of the least the medians of the rounds differ, of the setting where they differ most."""
        return max(high / low - 1 for low, high in (row.rounds_ms for row in self.rows))

    @property
    def advice(self) -> str:
        """What to take, in a line."""
        if self.budget_ms is None:
            return "no other beats: " + "; ".join(self._said(row) for row in self.front)
        budget = f"a budget of {self.budget_ms:g} ms"
        if self.taken is None:
            return f"nothing fits {budget}; the quickest is {self._said(self.rows[0])}"
        over = f"; one frame in 20 takes more than {self.taken.p95_ms:.1f} ms" * (self.taken.p95_ms > self.budget_ms)
        return f"take {self._said(self.taken, f' of {budget}')}{over}"

    def _said(self, row: Row, of: str = "") -> str:
        return f"{row.label}: {row.ms:.1f} ms{of}, {self._how(row)}"

    def _how(self, row: Row) -> str:
        if row is self.strongest:
            return "the strongest"
        if row.agreement is None:
            return "nobody was seen"
        return f"agrees {row.agreement:.2f} with {self.strongest.label}"

    def record(self) -> dict[str, Any]:
        """All figures, ready for JSON."""
        options = self.strongest.candidate.options
        device = device_used(options.engine, options.device)
        return {
            "machine": machine(),
            "engine": options.engine,
            **({"device": device} if device != "CPU" else {}),
            "people": options.people,
            "threads": options.threads,
            "frames": self.frames,
            "pieces": [
                {"video": valid_text(str(piece.video)), "round": piece.round, "start": piece.start, "end": piece.end}
                for piece in self.pieces
            ],
            "strongest": self.strongest.label,
            "unsteadiness": round(self.unsteadiness, 4),
            "budget_ms": self.budget_ms,
            "taken": self.taken and self.taken.label,
            "front": [row.label for row in self.front],
            "settings": [_record(row) for row in self.rows],
            "advice": self.advice,
        }


def compare_settings(
    candidates: Sequence[Candidate], pieces: Sequence[Piece], budget_ms: float | None = None
) -> Comparison:
    """Run every setting on every part of the videos. budget_ms: milliseconds of inference that a frame may take.

    Raises what `process_video` raises.
    """
    trials = run_in_turn(candidates, pieces)
    reference = strongest(candidates)
    by_candidate = {one: _row(one, trials[one], trials[reference]) for one in candidates}
    rows = sorted(by_candidate.values(), key=lambda row: row.ms)
    points = {row: (row.ms, row.agreement or 0.0) for row in rows}
    fitting = [row for row in rows if budget_ms is not None and row.ms <= budget_ms]
    return Comparison(
        rows,
        by_candidate[reference],
        pareto_front(points),
        max(fitting, key=lambda row: row.agreement or 0.0, default=None),
        budget_ms,
        sum(len(trial.poses) for trial in trials[reference]),
        trials,
    )


def _row(candidate: Candidate, trials: Sequence[Trial], reference: Sequence[Trial]) -> Row:
    pairs = [(trial.poses, other.poses) for trial, other in zip(trials, reference, strict=True)]
    poses = [frame for trial in trials for frame in trial.poses]
    alike = np.concatenate([agreement(*pair) for pair in pairs])
    someone = int(np.isfinite(alike).sum())
    trembling = np.concatenate([body_accelerations(trial.poses) for trial in trials])
    rounds = _rounds(trials)
    counted, seconds = map(sum, zip(*(trial.pace for trial in trials), strict=True))
    return Row(
        candidate,
        *percentiles(np.concatenate([trial.timed for trial in trials])),
        (min(rounds), max(rounds)),
        counted / seconds if seconds else None,
        sum(bool(frame.persons) for frame in poses) / len(poses),
        float(np.median(trembling)) if len(trembling) else None,
        sum(jumps(trial.poses) for trial in trials),
        float(np.nanmean(alike)) if someone else None,
        sum(seen_by_one(*pair) for pair in pairs) / someone if someone else 0.0,
    )


def _rounds(trials: Sequence[Trial]) -> list[float]:
    """The median of each round in milliseconds."""
    rounds: dict[int, list[np.ndarray]] = defaultdict(list)
    for trial in trials:
        rounds[trial.piece.round].append(trial.timed)
    return [percentiles(np.concatenate(times))[0] for times in rounds.values()]


def _record(row: Row) -> dict[str, Any]:
    options = row.candidate.options
    return {
        "setting": row.label,
        "model": options.model,
        "model_path": options.model_path and valid_text(str(options.model_path)),
        "max_side": options.max_side,
        "ms": round(row.ms, 3),
        "p95_ms": round(row.p95_ms, 3),
        "rounds_ms": [round(ms, 3) for ms in row.rounds_ms],
        "frames_per_second": row.frames_per_second and round(row.frames_per_second, 2),
        "with_person": round(row.with_person, 4),
        "jitter": row.jitter and round(row.jitter, 3),
        "jumps": row.jumps,
        "agreement": None if row.agreement is None else round(row.agreement, 4),
        "seen_by_one": round(row.seen_by_one, 4),
        "megabytes": round(row.candidate.megabytes, 1),
        "ap": row.candidate.ap,
    }
