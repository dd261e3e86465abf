"""A setting that is compared: a model and the size of the picture that it is given."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from posecore.files import valid_text
from posecore.models import MODELS, fetch_model, measured
from posecore.options import DEFAULTS, Options


@dataclass(frozen=True)
class Candidate:
    """A setting.

    label: what it is called. options: of its runs. file: of its model.
    ap: what `posecore.models.measured` has of the model with this engine, None for a network of the user's own.
    """

    label: str
    options: Options
    file: Path
    ap: float | None

    @property
    def megabytes(self) -> float:
        """Of the model's file."""
        return self.file.stat().st_size / 1e6


def find_candidates(
    names: Sequence[str] = (), max_sides: Sequence[int] = (), options: Options = DEFAULTS
) -> tuple[list[Candidate], list[str]]:
    """Every model with every max side; and a line for each model that cannot be had and was not asked for by name.

    names: of models, or files of the user's own; none: all of the table that the engine runs.
    max_sides: see Options; none: that of the options, which say all that the settings have in common.

    Raises ValueError for an unknown model or one that the engine cannot run, FileNotFoundError and ConnectionError
    when one that was named, or every one, cannot be had.
    """
    known = [model.name for model in MODELS.values() if options.engine in model.family.engines]
    sides = list(dict.fromkeys(max_sides)) or [options.max_side]
    found: list[Candidate] = []
    left_out: list[str] = []
    for name in dict.fromkeys(names or known):
        own = None if name in MODELS or not Path(name).suffix else name
        chosen = replace(options, model=None if own else name, model_path=own)
        try:
            _, file = fetch_model(chosen)
        except (ConnectionError, FileNotFoundError) as error:
            if names or (not found and name == known[-1]):
                raise
            left_out.append(f"{name} is left out: {error}")
            continue
        row = None if own else measured()["engines"].get(chosen.engine, {}).get(name)
        for side in sides:
            label = valid_text(Path(name).name) + (f" at {side or 'full size'}" if len(sides) > 1 else "")
            found.append(Candidate(label, replace(chosen, max_side=side), file, row and row["AP"]))
    return found, left_out


def strongest(candidates: Sequence[Candidate]) -> Candidate:
    """The one with the highest AP, of several sizes the largest; the first where nothing is known of any."""
    return max(candidates, key=lambda one: (one.ap or 0, one.options.max_side or math.inf))
