"""A comparison as one HTML page: the figure, the table, and the frames in which the settings disagree most."""

import math
from pathlib import Path
from typing import Any

from posecore.comparison import scatter
from posecore.comparison.comparison import Comparison, Row
from posecore.comparison.moments import Moment, draw_moment, worst_moments
from posecore.evaluation import machine
from posecore.files import valid_text
from posecore.page import render_page


def make_page(comparison: Comparison) -> str:
    """The page as HTML. Frames of the videos are in it as pictures.

    Raises OSError or ValueError when a video cannot be read any more.
    """
    videos = list(dict.fromkeys(piece.video for piece in comparison.pieces))
    name = valid_text(videos[0].name) if len(videos) == 1 else f"{len(videos)} videos"
    moments = worst_moments(comparison.trials, comparison.strongest.candidate)
    return render_page(
        Path(__file__).parent,
        "comparison.html",
        title=f"{len(comparison.rows)} settings on {name}",
        comparison=comparison,
        videos=[valid_text(video.name) for video in videos],
        rounds=len({piece.round for piece in comparison.pieces}),
        figure=scatter.make_scatter(comparison),
        size=scatter,
        moments=[_shown(comparison, moment, len(videos) > 1) for moment in moments],
        facts=_facts(comparison),
    )


def _shown(comparison: Comparison, moment: Moment, several: bool) -> dict[str, Any]:
    pictures = draw_moment(moment)
    when = f"{moment.timestamp_ms / 1000:.1f} s"
    return {
        "title": f"{valid_text(moment.video.name)}, {when}" if several else when,
        "tiles": [
            {"label": row.label, "url": pictures[row.candidate], "note": _note(comparison, moment, row)}
            for row in comparison.rows
        ],
    }


def _note(comparison: Comparison, moment: Moment, row: Row) -> str:
    """Of one setting in one frame."""
    if not moment.poses[row.candidate].persons:
        return "sees nobody"
    alike = moment.agreements[row.candidate]
    if row is comparison.strongest or math.isnan(alike):
        return "the strongest"
    return f"OKS {alike:.2f}"


def _facts(comparison: Comparison) -> dict[str, str]:
    options = comparison.strongest.candidate.options
    known = machine()
    return {
        "processor": f"{known.pop('processor')}, {options.threads or known.pop('cores')} cores used",
        "engine": options.engine,
        "people": "everyone" if options.people == 0 else str(options.people),
        "software": ", ".join(f"{name} {value}" for name, value in known.items() if name not in ("cores", "system")),
    }
