"""Where networks look: what holds of every region, whatever the picture and the person."""

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from properties import boxes, keypoints, lengths, numbers, places, sizes

from posecore.models.blazepose.roi import MARGIN, Roi
from posecore.models.movenet.square import MIN_SCORE, Square
from posecore.models.topdown.crop import PADDING, Crop

MIDDLE = np.array([[0.5, 0.5]], np.float32)
angles = st.floats(-3.125, 3.125, width=32)


@st.composite
def rois(draw, size):
    """Regions of a picture: squares in its pixels."""
    center, side = np.array([draw(places), draw(places)]) / size, np.float32(draw(lengths))
    x, y, width, height = map(np.float32, (*center, side / size[0], side / size[1]))
    return Roi(x, y, width, height, np.float32(draw(angles)))


@given(sizes, numbers(2), angles, lengths)
def test_the_point_above_the_hips_lies_above_the_middle_of_the_region(size, hips, angle, reach):
    top = hips + reach * np.array([np.sin(angle), -np.cos(angle)])
    roi = Roi.around((hips / size).astype(np.float32), (top / size).astype(np.float32), size)
    above = np.array([[0.5, 0.5 - 0.5 / MARGIN]], np.float32)
    np.testing.assert_allclose(roi.place(MIDDLE)[0] * size, hips, atol=0.01)
    np.testing.assert_allclose(roi.place(above)[0] * size, top, atol=0.02)
    assert roi.width * size[0] == pytest.approx(roi.height * size[1], rel=1e-5)
    assert roi.side(size) == pytest.approx(2 * MARGIN * reach, abs=0.02)
    assert -np.pi <= float(roi.rotation) <= np.pi + 1e-6


@given(st.data(), sizes, sizes, st.tuples(st.integers(0, 3000), st.integers(0, 3000)), numbers(5, 2, low=0, high=1))
def test_a_region_of_a_part_is_the_same_in_the_whole(data, part, whole, corner, points):
    roi = data.draw(rois(part))
    in_whole = roi.moved(corner, part, whole).place(points) * whole
    np.testing.assert_allclose(in_whole, roi.place(points) * part + corner, atol=0.02)


@given(st.data(), sizes)
def test_overlap_of_regions(data, size):
    one, other = data.draw(rois(size)), data.draw(rois(size))
    assert one.overlap(other) == pytest.approx(other.overlap(one), abs=1e-5) and 0 <= one.overlap(other) <= 1 + 1e-5
    assert one.overlap(one) == pytest.approx(1)


@given(st.data(), sizes, numbers(33, 3, low=-2, high=2))
def test_turning_keeps_lengths_and_depth(data, size, xyz):
    turned = data.draw(rois(size)).turn(xyz)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), np.linalg.norm(xyz, axis=1), atol=1e-5)
    np.testing.assert_array_equal(turned[:, 2], xyz[:, 2])


def ramp(width, height):
    """A picture whose first two colours are the numbers of a pixel's column and row."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x, y, 0 * x], axis=2).astype(np.uint8)


def assert_shows(crop, place, size, middle):
    """Each pixel of a crop of `ramp` shows what lies there, if that is in the picture; middle: of a pixel, in pixels.

    For MediaPipe's graph a pixel is where its corner is, for MoveNet's reference where its middle is.
    """
    n = crop.shape[0]
    y, x = np.mgrid[:n, :n]
    there = place((np.column_stack([x.ravel(), y.ravel()]) + middle).astype(np.float32) / n) - middle
    inside = ((there > 0) & (there < np.array(size) - 1)).all(axis=1)
    np.testing.assert_allclose(crop.reshape(-1, 3)[inside, :2], there[inside], atol=0.6)


@given(
    st.tuples(st.integers(40, 200), st.integers(40, 200)),
    numbers(2, low=0, high=200),
    st.floats(20, 150, width=32),
    angles,
)
def test_a_crop_shows_what_place_says(size, center, side, angle):
    (width, height), picture, crop = size, ramp(*size), np.empty((24, 24, 3), np.uint8)
    roi = Roi(*map(np.float32, (center[0] / width, center[1] / height, side / width, side / height, angle)))
    for exact in (True, False):
        roi.crop(picture, crop, exact)
        assert_shows(crop, lambda points: roi.place(points) * size, size, 0)
    square = Square(float(center[0] - side / 2), float(center[1] - side / 2), float(side))
    square.crop(picture, crop)
    assert_shows(crop, square.place, size, 0.5)


@given(sizes, keypoints())
def test_where_movenet_looks_next_holds_what_it_has_seen(size, found):
    square = Square.next(found, *size)
    assert 0 < square.side <= max(size) + 1e-3 or square == Square.around_all(*size)
    seen = found.xy[found.score > MIN_SCORE]
    inside = seen[((seen >= 0) & (seen <= size)).all(axis=1)]
    assert (inside >= np.array([square.x, square.y]) - 0.01).all()
    assert (inside <= np.array([square.x, square.y]) + square.side + 0.01).all()


@given(boxes(1), st.floats(1, 3))
def test_a_square_around_a_box_holds_it_in_its_middle(box, factor):
    (x0, y0, x1, y1), square = box[0].astype(float), Square.around_box(box[0], factor)
    assert square.side == pytest.approx(max(x1 - x0, y1 - y0) * factor, abs=1e-2)
    np.testing.assert_allclose(square.place(MIDDLE)[0], [(x0 + x1) / 2, (y0 + y1) / 2], atol=0.01)


@given(boxes(1), st.floats(0.3, 3))
def test_a_crop_around_a_box_has_the_shape_of_the_network_and_the_padding(box, aspect):
    (x0, y0, x1, y1), crop = box[0].astype(float), Crop.around(box[0], aspect)
    assume(max(x1 - x0, y1 - y0) > 1)
    assert crop.width == pytest.approx(crop.height * aspect)
    wide, high = crop.width / (x1 - x0 + 1e-9), crop.height / (y1 - y0 + 1e-9)
    assert min(wide, high) == pytest.approx(PADDING, rel=1e-3)
    np.testing.assert_allclose(crop.place(MIDDLE)[0], [(x0 + x1) / 2, (y0 + y1) / 2], atol=0.01)
