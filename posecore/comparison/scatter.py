"""Where the dots, labels and lines of the figure are: time to the right on a logarithmic scale, agreement upwards."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from posecore.comparison.comparison import Comparison, Row

WIDTH, HEIGHT = 720, 380  # of the figure, in its own units
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 22, 50  # margins
LETTER, LINE = 7.2, 16  # about the size of a label's letters
GAP = 11  # from a dot to its label
STEPS = (1, 2, 3, 5, 7)  # where ticks of time may be, times a power of ten

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Dot:
    """A setting in the figure. label_x, label_y, anchor: of its text, as SVG has them."""

    row: Row
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Scatter:
    """The figure. x_ticks, y_ticks: (place, text). line: over what no other beats, as the points of a polyline."""

    dots: Sequence[Dot]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    line: str
    budget_x: float | None


def make_scatter(comparison: Comparison) -> Scatter:
    """The figure of a comparison; a budget outside of it is not shown."""
    rows = comparison.rows
    low, high = rows[0].ms / 1.3, rows[-1].ms * 1.3
    least = min(row.agreement or 0.0 for row in rows)
    floor = max(0.0, min(0.9, math.floor(10 * least - 0.3) / 10))

    def x(ms: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(ms / low) / math.log(high / low)

    def y(agreement: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (agreement - floor) / (1 - floor)

    places = {row: (x(row.ms), y(row.agreement or 0.0)) for row in rows}
    front = [places[row] for row in comparison.front]
    corners = [
        front[0],
        *(corner for (_, before), (right, up) in pairwise(front) for corner in ((right, before), (right, up))),
    ]
    step = 0.1 if 1 - floor > 0.35 else 0.05 if 1 - floor > 0.15 else 0.02
    shown = [floor + n * step for n in range(round((1 - floor) / step) + 1)]
    budget = comparison.budget_ms
    return Scatter(
        _labelled(places),
        [(x(ms), f"{ms:g}") for ms in _ticks(low, high)],
        [(y(value), f"{value:.2f}") for value in shown],
        " ".join(f"{px:.1f},{py:.1f}" for px, py in [*corners, (WIDTH - RIGHT, front[-1][1])]),
        x(budget) if budget and low <= budget <= high else None,
    )


def _ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [ms for power in powers for ms in (step * 10.0**power for step in STEPS) if low <= ms <= high]


def _labelled(places: dict[Row, tuple[float, float]]) -> list[Dot]:
    """Each label right below its dot, off the line, or where else it meets no other, and stays inside."""
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in places.values()]
    dots = []
    for row, (x, y) in places.items():
        choices = [
            (x + GAP, y + GAP + 8, "start"), (x - GAP, y - GAP, "end"), (x + GAP, y - GAP, "start"),
            (x - GAP, y + GAP + 8, "end"), (x, y + GAP + 10, "middle"), (x, y - GAP, "middle"),
            (x + GAP, y + 4, "start"), (x - GAP, y + 4, "end"),
        ]  # fmt: skip
        boxes = [_box(row.label, *choice) for choice in choices]
        meets = [sum(_meet(box, other) for other in taken) + 10 * _outside(box) for box in boxes]
        best = meets.index(min(meets))
        taken.append(boxes[best])
        dots.append(Dot(row, x, y, *choices[best]))
    return dots


def _box(text: str, x: float, y: float, anchor: str) -> Box:
    width = LETTER * len(text)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, y - 0.75 * LINE, left + width, y + 0.25 * LINE


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _outside(box: Box) -> bool:
    return box[0] < LEFT or box[1] < 0 or box[2] > WIDTH or box[3] > HEIGHT - BOTTOM
