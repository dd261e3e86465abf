"""How people are drawn and the video is written: the arguments, and what they become."""

import argparse
from typing import Any

from posecore.options import BACKGROUNDS, COLORS, CRF, DEFAULTS, PRESETS


def add_style(group: argparse._ArgumentGroup) -> None:
    """The arguments that become a Style."""
    add = group.add_argument
    add("--min-score", metavar="S", type=float, help=f"draw keypoints at or above S (default: {DEFAULTS.min_score})")
    add("--color", choices=COLORS, metavar="C", help=_one_of(COLORS, "person with ids"))
    add("--line-width", metavar="W", type=float, help="of edges, in pixels (default: by height)")
    add("--radius", metavar="R", type=float, help="of dots, in pixels (default: by line width)")
    add("--box", action="store_true", help="draw the box of everyone (default: off)")
    add("--ids", action=argparse.BooleanOptionalAction, help="write ids at the heads (default: on)")
    add("--names", action="store_true", help="names instead, see tracks rename (default: off)")
    add("--person-score", action="store_true", help="write scores beside ids (default: off)")
    add("--background", choices=BACKGROUNDS, metavar="B", help=_one_of(BACKGROUNDS, DEFAULTS.background))
    add("--trail", metavar="S", type=float, help="seconds of the ways of hands and feet (default: off)")


def add_writing(group: argparse._ArgumentGroup) -> None:
    """The arguments of the video that is written."""
    add = group.add_argument
    add("--keep-metadata", action="store_true", help="the video says place and camera too (default: off)")
    crf = f"{CRF['libx264']}, webm {CRF['libvpx-vp9']}"
    add("--crf", metavar="N", type=int, help=f"quality, 0 best to 51 (default: {crf})")
    add("--preset", choices=PRESETS, metavar="P", help=f"of x264, slower is smaller (default: {DEFAULTS.preset})")


def drawing(given: argparse.Namespace) -> dict[str, Any]:
    """What is given of the arguments of `add_style` and `add_writing`, by its names in Options."""
    values = {
        "min_score": given.min_score,
        "color": given.color,
        "line_width": given.line_width,
        "radius": given.radius,
        "boxes": given.box,
        "ids": given.ids,
        "names": given.names,
        "person_scores": given.person_score,
        "background": given.background,
        "trail": given.trail,
        "keep_metadata": given.keep_metadata,
        "crf": given.crf,
        "preset": given.preset,
    }
    return {name: value for name, value in values.items() if value is not None}


def _one_of(words: tuple[str, ...], default: str) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]} (default: {default})"
