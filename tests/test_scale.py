"""bench/scale.py: the exponent, and what it makes of the measurements."""

from pathlib import Path

import numpy as np
import pytest
from scale import AXES, Point, draw, exponent, rows, text
from scale_clips import TILED, size_of, tiled, write

from posecore import Options


@pytest.mark.parametrize("power", [-1, 0, 0.5, 1, 2])
def test_the_exponent_of_a_power_is_its_own(power):
    values = [1, 2, 4, 8, 16]
    slope, base = exponent(values, [3.0 * value**power for value in values])
    assert slope == pytest.approx(power, abs=1e-9) and np.exp(base) == pytest.approx(3)


@pytest.mark.filterwarnings("ignore:Attempting to set identical")
def test_the_table_and_the_picture(tmp_path):
    """On a machine of one core, where there is no line through the cores."""
    measured = [
        Point(axis, value, Path("clip"), Options(), 1, [0.01 * value, 99, 0.01 * value], [1])
        for axis in AXES
        for value in ([1] if axis == "cores" else [100, 200, 800])
    ]
    table = rows(measured)
    assert [row["exponent"] for row in table.values()] == [1, 1, 1, None]
    shown = text(table, "picture.svg").splitlines()
    assert (
        shown[0].endswith("(picture.svg)")
        and shown[4] == "| frames | 100 | 800 | 1.00 s → 8.00 s of the video | 1.00 |"
    )
    assert shown[-1] == "| cores | 1 | 1 | 10.0 ms → 10.0 ms of a frame | – |"
    draw(table, tmp_path / "picture.svg")
    assert "exponent 1.00" in (tmp_path / "picture.svg").read_text()
    assert (tmp_path / "picture.svg").stat().st_size < 60_000


def test_people_stand_side_by_side_on_a_picture_of_one_size(tmp_path):
    crops = [np.full((530, 300, 3), value, np.uint8) for value in (50, 200)]
    for people in (1, 8):
        frames = tiled(crops, people)
        first = next(frames).to_ndarray(format="rgb24")
        assert (first != 128).mean() == pytest.approx(people / 8)
        clip = write(tmp_path / f"{people}.mp4", [next(frames)], *TILED)
        assert size_of(clip) == TILED
