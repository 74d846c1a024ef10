"""Cells over a plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.explanation.drawing import overlay, scaled
from headstart.explanation.grid import averaged, cells_of, edges, resampled, spread, summed

SIDES = st.integers(1, 60)


@given(SIDES, SIDES)
def test_every_pixel_lies_in_one_cell_and_no_cell_is_empty(height, width):
    rows, columns = cells_of(height, width)
    assert 1 <= rows <= height and 1 <= columns <= width
    assert (np.diff(edges(height, rows)) > 0).all() and edges(height, rows)[-1] == height
    assert summed(np.ones((height, width)), (rows, columns)).sum() == height * width


def test_sums_and_means_of_cells_by_hand():
    pixels = np.arange(8.0).reshape(2, 4)
    assert summed(pixels, (1, 2)).tolist() == [[0 + 1 + 4 + 5, 2 + 3 + 6 + 7]]
    assert averaged(pixels, (1, 2)).tolist() == [[2.5, 4.5]]


def test_a_value_of_a_cell_is_spread_over_its_pixels():
    assert spread(np.array([[[1, 2]]]), 2, 3).tolist() == [[[1, 2, 2], [1, 2, 2]]]


def test_a_map_is_resampled_between_the_middles_of_its_cells():
    assert resampled(np.array([[0.0, 4.0]]), 1, 4).tolist() == [[0, 1, 3, 4]]
    assert resampled(np.array([[7.0]]), 3, 2).tolist() == [[7, 7]] * 3


@given(SIDES, SIDES)
def test_resampling_stays_within_the_map_and_keeps_a_map_of_its_own_size(height, width):
    values = np.random.default_rng(height).normal(size=(3, 5))
    found = resampled(values, height, width)
    assert found.shape == (height, width)
    assert values.min() - 1e-9 <= found.min() and found.max() <= values.max() + 1e-9
    np.testing.assert_allclose(resampled(values, 3, 5), values)


def test_an_overlay_is_orange_where_figures_are_for_and_blue_where_against():
    import io

    from PIL import Image

    picture = np.full((32, 32, 3), 200, np.uint8)
    values = np.zeros((4, 4))
    values[0, 0], values[3, 3] = 2.0, -2.0
    drawn = np.asarray(Image.open(io.BytesIO(overlay(picture, values))), int)
    assert drawn[0, 0, 0] > drawn[0, 0, 2] and drawn[-1, -1, 2] > drawn[-1, -1, 0]
    assert drawn[0, -1].tolist() == [200] * 3 and min(drawn.shape[:2]) >= 224


def test_nothing_is_scaled_to_nothing():
    assert scaled(np.zeros(3)).tolist() == [0, 0, 0]
    assert scaled(np.array([1.0, -4.0])).tolist() == pytest.approx([0.25, -1])
