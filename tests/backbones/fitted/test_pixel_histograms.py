"""Histograms of colours and edges: worked by hand, and against slow loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.backbones.fitted.pixel_histograms import (
    PixelHistograms,
    PixelHistogramsConfig,
    cell_numbers,
    colour_cells,
    colour_histogram,
    edge_histograms,
    shrink,
)
from headstart.core.errors import ConfigError, ShapeError


def random_pixels(count, height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def test_shrinking_averages_blocks_of_two_by_two():
    pixels = np.zeros((1, 4, 4, 3), np.uint8)
    pixels[0, :2, :2, 0] = [[0, 10], [20, 30]]
    small = shrink(pixels, 2)
    assert small.shape == (1, 2, 2, 3) and small.dtype == np.float32
    assert small[0, 0, 0, 0] == pytest.approx(15 / 255)
    assert small[0, 1].max() == 0


@pytest.mark.parametrize(("height", "width", "side"), [(224, 224, 64), (50, 37, 16), (20, 33, 64)])
def test_shrinking_equals_the_mean_of_each_block(height, width, side):
    pixels = random_pixels(2, height, width)
    factor = max(1, round(min(height, width) / side))
    small = shrink(pixels, side)
    assert small.shape[1:3] == (height // factor, width // factor)
    for row, column in [(0, 0), (small.shape[1] - 1, small.shape[2] - 1), (3, 5)]:
        block = pixels[:, row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        assert small[:, row, column] == pytest.approx(block.mean((1, 2)) / 255, rel=1e-5)


def test_a_ramp_to_the_right_has_all_its_edges_at_0_degrees():
    ramp = np.tile(np.linspace(0, 1, 16, dtype=np.float32), (1, 16, 1))
    histogram = edge_histograms(ramp, cells=1, orientations=4).reshape(4)
    assert histogram[0] == 1 and histogram[1:].max() < 1e-6


def test_a_ramp_downwards_lies_on_the_bin_of_90_degrees():
    ramp = np.tile(np.linspace(0, 1, 16, dtype=np.float32)[:, None], (1, 1, 16))
    histogram = edge_histograms(ramp, cells=1, orientations=4).reshape(4)
    assert histogram[2] == 1 and histogram[[0, 1, 3]].max() < 1e-6


def test_the_direction_from_dark_to_bright_does_not_matter():
    brightness = np.random.default_rng(0).random((1, 16, 16), np.float32)
    assert edge_histograms(1 - brightness, 2, 9) == pytest.approx(edge_histograms(brightness, 2, 9), abs=1e-4)


def test_edges_equal_slow_loops_over_pixels_and_cells():
    cells, orientations, size = 3, 5, 13
    brightness = np.random.default_rng(1).random((2, size, size), np.float32)
    for picture, fast in zip(brightness, edge_histograms(brightness, cells, orientations), strict=True):
        down, across = np.gradient(picture.astype(float))
        histograms = np.zeros((cells, cells, orientations))
        for row in range(size):
            for column in range(size):
                angle = math.atan2(down[row, column], across[row, column]) % math.pi
                position = angle / math.pi * orientations
                low = int(position) % orientations
                length = math.hypot(down[row, column], across[row, column])
                cell = histograms[row * cells // size, column * cells // size]
                cell[low] += length * (1 - position % 1)
                cell[(low + 1) % orientations] += length * (position % 1)
        slow = np.zeros_like(histograms)
        for row in range(cells):
            for column in range(cells):
                around = histograms[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
                norm = math.sqrt((around**2).sum() + (0.01 * size * size / cells**2) ** 2)
                slow[row, column] = np.minimum(histograms[row, column] / norm, 0.2) / 0.2
        assert fast == pytest.approx(slow.ravel(), abs=1e-4)


def test_half_black_half_white_fills_two_bins_with_the_root_of_a_half():
    pictures = np.zeros((1, 4, 4, 3), np.float32)
    pictures[0, :, 2:] = 1
    histogram = colour_histogram(pictures, bins=2).reshape(2, 2, 2)
    assert histogram[0, 0, 0] == histogram[1, 1, 1] == pytest.approx(math.sqrt(0.5))
    assert (histogram**2).sum() == pytest.approx(1)


def test_the_joint_histogram_equals_numpys():
    pictures = np.random.default_rng(2).random((2, 9, 7, 3), np.float32)
    expected = [np.histogramdd(picture.reshape(-1, 3), bins=[np.linspace(0, 1, 5)] * 3)[0] for picture in pictures]
    assert colour_histogram(pictures, 4) ** 2 * 63 == pytest.approx(np.stack(expected).reshape(2, -1), abs=1e-4)


def test_cells_hold_mean_and_spread_of_each_channel():
    pictures = np.random.default_rng(3).random((2, 9, 7, 3), np.float32)
    found = colour_cells(pictures, 2).reshape(2, 2, 2, 6)
    for row in range(2):
        for column in range(2):
            inside = np.outer(cell_numbers(9, 2) == row, cell_numbers(7, 2) == column)
            assert found[:, row, column, :3] == pytest.approx(pictures[:, inside].mean(1), abs=1e-6)
            assert found[:, row, column, 3:] == pytest.approx(pictures[:, inside].std(1), abs=1e-5)


def test_cells_differ_by_one_position_at_most():
    assert np.bincount(cell_numbers(56, 8)).tolist() == [7] * 8
    assert sorted(np.bincount(cell_numbers(65, 8)).tolist()) == [8] * 7 + [9]


@settings(max_examples=25, deadline=None)
@given(st.integers(16, 90), st.integers(16, 90), st.integers(0, 9))
def test_any_size_gives_D_finite_numbers_between_0_and_1(height, width, seed):
    histograms = PixelHistograms(PixelHistogramsConfig())
    found = histograms.describe(random_pixels(2, height, width, seed))
    assert found.shape == (2, histograms.D) and np.isfinite(found).all()
    assert found.min() >= 0 and found.max() <= 1 + 1e-6


def test_a_flat_picture_has_no_edges():
    config = PixelHistogramsConfig()
    found = PixelHistograms(config).describe(np.full((1, 32, 32, 3), 77, np.uint8))
    assert found[0, : config.edge_cells**2 * config.orientations].max() == 0


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 15, 32, 3), np.uint8),
        np.zeros((1, 32, 32, 4), np.uint8),
        np.zeros((32, 32, 3), np.uint8),
        np.zeros((1, 32, 32, 3), np.float32),
    ],
)
def test_anything_but_uint8_pictures_is_a_shape_error(pixels):
    with pytest.raises(ShapeError, match=r"must be \(B, H, W, 3\) uint8"):
        PixelHistograms(PixelHistogramsConfig()).describe(pixels)


def test_settings_out_of_range_are_named():
    with pytest.raises(ConfigError, match="colour_bins"):
        PixelHistogramsConfig.parse({"colour_bins": 1})


def test_edges_tell_apart_what_colours_cannot():
    """Stripes across against stripes down, equal colours: a linear rule on the whole separates them, on colours not."""
    rng = np.random.default_rng(0)
    stripes = np.tile((np.arange(64) // 4 % 2 * 200).astype(np.uint8), (64, 1))
    pictures = np.stack([np.roll(stripes if n % 2 else stripes.T, n, (0, 1)) for n in range(40)])
    pixels = np.repeat(pictures[..., None], 3, -1) + rng.integers(0, 20, (40, 64, 64, 3), dtype=np.uint8)
    config = PixelHistogramsConfig()
    features = PixelHistograms(config).describe(pixels)
    edges = config.edge_cells**2 * config.orientations
    labels = np.arange(40) % 2
    assert nearest_mean(features, labels) == 1.0
    assert nearest_mean(features[:, edges : edges + config.colour_bins**3], labels) < 0.8


def nearest_mean(features, labels):
    """Accuracy on the second half of the class means of the first half."""
    means = np.stack([features[:20][labels[:20] == label].mean(0) for label in (0, 1)])
    distances = ((features[20:, None] - means) ** 2).sum(-1)
    return (distances.argmin(1) == labels[20:]).mean()
