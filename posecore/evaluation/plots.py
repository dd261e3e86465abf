"""The figures of a report, drawn by matplotlib as SVG; the only file that imports it."""

import io
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from posecore.coco import KEYPOINT_NAMES, OKS_SIGMAS
from posecore.evaluation.matching import offsets
from posecore.evaluation.report import Report

BLUE, PALE, ORANGE, INK, GREY = "#2563eb", "#bfd3fb", "#ea7317", "#1f2937", "#9ca3af"
REACH = 0.3  # what an error plot shows, in √area to each side
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "grid.color": "#e5e7eb",
    "text.color": INK,
    "xtick.color": "#6b7280",
    "ytick.color": "#6b7280",
    "svg.fonttype": "none",
    "svg.hashsalt": "posecore",
}


def keypoint_bars(report: Report) -> str:
    """OKS of every keypoint, of the people with a pose and of all."""
    rows = report.numbers["keypoints"]
    names = [row["name"].replace("_", " ") for row in rows]
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(5.4, 4.6)
        y = np.arange(len(rows))
        axes.barh(y, [row["oks"]["paired"] or 0 for row in rows], 0.74, color=PALE, label="people with a pose")
        axes.barh(y, [row["oks"]["all"] or 0 for row in rows], 0.36, color=BLUE, label="all people, missed = 0")
        axes.set(yticks=y, yticklabels=names, xlim=(0, 1), xlabel="mean OKS of the keypoint")
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        _legend_above(axes)
        return _svg(figure)


def oks_histogram(report: Report) -> str:
    """People by the OKS of their pose, and those without one."""
    counts = report.numbers["oks_histogram"]
    edges = np.linspace(0, 1, len(counts) + 1)
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(5.4, 3.2)
        axes.bar(edges[:-1], counts, edges[1] * 0.92, align="edge", color=BLUE, label="with a pose")
        missed = report.numbers["people"]["missed"]
        axes.bar(-0.12, missed, edges[1] * 0.92, align="edge", color=ORANGE, label="missed")
        axes.axvline(0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set(xlabel="OKS", ylabel="people", xticks=[-0.097, 0, 0.25, 0.5, 0.75, 1])
        axes.set_xticklabels(["missed", "0", "0.25", "0.5", "0.75", "1"])
        axes.tick_params("x", length=0)
        axes.grid(axis="x", visible=False)
        _legend_above(axes)
        return _svg(figure)


def precision_recall(report: Report) -> str:
    """Precision over recall at OKS 0.5, at 0.75, and the mean of COCO's ten thresholds."""
    curves = report.numbers["precision_recall"]
    styles = {
        "oks_0.5": ("OKS ≥ 0.5", BLUE, "-"),
        "oks_0.75": ("OKS ≥ 0.75", ORANGE, "-"),
        "mean": ("mean of 0.5…0.95", INK, "--"),
    }
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(5.4, 3.2)
        for name, (label, colour, line) in styles.items():
            precision = np.maximum(curves[name], 0)
            axes.plot(curves["recall"], precision, line, color=colour, label=f"{label}: {precision.mean():.3f}")
        axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
        _legend_above(axes)
        return _svg(figure)


def calibration(report: Report) -> str:
    """Mean OKS and share of right poses over the score, in bins of equally many poses."""
    bins = report.numbers["calibration"]
    score = [bin["score"] for bin in bins]
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(5.4, 4.6)
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.plot(score, [bin["right"] for bin in bins], "o-", color=BLUE, markersize=4, label="share with OKS ≥ 0.5")
        axes.plot(score, [bin["oks"] for bin in bins], "s-", color=ORANGE, markersize=4, label="mean OKS")
        axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="score of the pose", ylabel="correctness")
        _legend_above(axes)
        return _svg(figure)


def size_bars(report: Report) -> str:
    """AP by the size of a person."""
    sizes = report.numbers["sizes"]
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(5.4, 3.2)
        ap = [max(size["AP"], 0) for size in sizes]
        bars = axes.bar(range(len(sizes)), ap, 0.62, color=BLUE)
        axes.bar_label(bars, [f"{size['AP']:.3f}" if size["AP"] >= 0 else "nobody" for size in sizes], padding=2)
        labels = [f"{size['size']} px\n{size['people']} people\n{size['missed']} missed" for size in sizes]
        axes.set(xticks=range(len(sizes)), ylabel="AP", ylim=(0, max(0.1, *ap) * 1.15))
        axes.set_xticklabels(labels)
        axes.tick_params("x", length=0)
        axes.grid(axis="x", visible=False)
        return _svg(figure)


def error_vectors(report: Report) -> str:
    """Where the pose puts each keypoint, seen from its label: every person a dot, the median a cross.

    In units of √area. The ring has the radius 2σ, σ from `posecore.coco.OKS_SIGMAS`: there OKS is e^−½ = 0.61.
    """
    error = offsets(report.matches)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11.2, 6.2), layout="constrained")
        panels = figure.subplots(3, 6, sharex=True, sharey=True).ravel()
        for k, (axes, name) in enumerate(zip(panels, KEYPOINT_NAMES, strict=False)):
            _error_panel(axes, error[:, k][np.isfinite(error[:, k, 0])], 2 * OKS_SIGMAS[k])
            axes.set_title(name.replace("_", " "))
        panels[-1].axis("off")
        panels[-1].text(
            0.05, 0.5, "ring: 2σ, OKS 0.61\ncross: median\n→ right, ↓ down\nin √area", transform=panels[-1].transAxes
        )
        return _svg(figure)


def _error_panel(axes: Axes, error: np.ndarray, ring: float) -> None:
    inside = (np.abs(error) <= REACH).all(axis=1)
    axes.plot(*error[inside].T, ".", color=BLUE, markersize=4, alpha=0.35, markeredgewidth=0, rasterized=True)
    turn = np.linspace(0, 2 * np.pi, 60)
    axes.plot(ring * np.cos(turn), ring * np.sin(turn), color=GREY, linewidth=0.9)
    if len(error):
        axes.plot(*np.median(error, axis=0), "+", color=ORANGE, markersize=11, markeredgewidth=2)
    axes.text(0.03, 0.03, f"{(~inside).sum()} outside", transform=axes.transAxes, fontsize=7, color="#6b7280")
    axes.set(xlim=(-REACH, REACH), ylim=(REACH, -REACH), xticks=[-0.2, 0, 0.2], yticks=[-0.2, 0, 0.2], aspect="equal")


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _legend_above(axes: Axes) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.3,
        columnspacing=1.2,
        fontsize=8,
    )


def _svg(figure: Figure) -> str:
    """The <svg> element, without the XML head that a page must not hold."""
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, dpi=150, metadata={"Date": None, "Creator": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
