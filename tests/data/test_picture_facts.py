from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from data.helpers_data import photograph
from headstart.core.errors import ShapeError
from headstart.data.picture_facts import NAMES, averaged_down, facts, laplacian


def fact(pixels, name):
    return float(facts(np.asarray(pixels, np.uint8)[None])[0, NAMES.index(name)])


def half_and_half(left, right, side=10):
    pixels = np.empty((side, side, 3), np.uint8)
    pixels[:, : side // 2], pixels[:, side // 2 :] = left, right
    return pixels


def test_a_picture_half_black_half_white_is_grey_on_average_with_the_largest_contrast():
    pixels = half_and_half(0, 255)
    assert fact(pixels, "brightness") == pytest.approx(127.5)
    assert fact(pixels, "contrast") == pytest.approx(127.5)  # every cell is 127.5 from the mean
    assert (fact(pixels, "darkest"), fact(pixels, "brightest")) == (0, 255)
    assert fact(pixels, "colourfulness") == pytest.approx(0, abs=1e-3)


def test_pure_green_has_the_luma_of_green():
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[..., 1] = 200
    assert [fact(pixels, name) for name in ("mean_red", "mean_green", "mean_blue")] == [0, 200, 0]
    assert fact(pixels, "brightness") == pytest.approx(0.587 * 200)
    # red minus green is -200 and (red + green) / 2 - blue is 100 everywhere: 0.3 * sqrt(200² + 100²)
    assert fact(pixels, "colourfulness") == pytest.approx(0.3 * np.sqrt(200**2 + 100**2), rel=1e-5)


def test_the_laplacian_of_one_bright_cell_is_four_times_it_and_minus_it_on_each_side():
    luma = np.zeros((5, 5), np.float32)
    luma[2, 2] = 3
    assert laplacian(luma).tolist() == [[0, -3, 0], [-3, 12, -3], [0, -3, 0]]


def test_a_smooth_ramp_has_no_sharpness_and_independent_pixels_have_twenty():
    ramp = np.repeat(np.arange(0, 240, 2, dtype=np.uint8)[None, :, None], 120, axis=0).repeat(3, axis=2)
    assert fact(ramp, "sharpness") == pytest.approx(0, abs=1e-6)
    noise = np.random.default_rng(0).integers(0, 256, (120, 120, 1), np.uint8).repeat(3, axis=2)
    assert fact(noise, "sharpness") == pytest.approx(20, rel=0.05)  # 16 + 4 times the variance of a pixel


def test_sharpness_does_not_change_with_contrast_and_falls_with_blur():
    picture = photograph(0, 120, 120)
    pixels = np.asarray(picture)
    dim = (pixels * 0.5 + 60).astype(np.uint8)
    assert fact(dim, "sharpness") == pytest.approx(fact(pixels, "sharpness"), rel=0.1)
    assert fact(picture.filter(ImageFilter.GaussianBlur(3)), "sharpness") < 0.2 * fact(pixels, "sharpness")


def test_an_even_picture_has_no_sharpness():
    assert fact(np.full((50, 50, 3), 90), "sharpness") == 0


@pytest.mark.parametrize("shape", [(300, 200), (5, 400), (1, 1), (129, 64), (2100, 3), (128, 128)])
def test_cells_are_means_of_squares_of_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    side = -(-max(shape) // 128)
    tall, wide = min(side, shape[0]), min(side, shape[1])
    cells = averaged_down(pixels)
    assert cells.shape == (3, max(shape[0] // side, 1), max(shape[1] // side, 1)) and max(cells.shape[1:]) <= 128
    for i in range(cells.shape[1]):
        for j in range(cells.shape[2]):
            block = pixels[i * tall : (i + 1) * tall, j * wide : (j + 1) * wide]
            np.testing.assert_allclose(cells[:, i, j], block.mean(axis=(0, 1)), rtol=1e-5)


def test_facts_are_finite_for_the_smallest_pictures_and_for_none():
    for shape in ((1, 1), (2, 7), (1, 500)):
        assert np.isfinite(facts(np.zeros((2, *shape, 3), np.uint8))).all()
    assert facts(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, len(NAMES))


def test_the_same_picture_at_twice_the_size_has_the_same_colours():
    picture = photograph(1, 128, 128)
    large = picture.resize((256, 256), Image.Resampling.NEAREST)
    np.testing.assert_allclose(facts(np.asarray(picture)[None]), facts(np.asarray(large)[None]), rtol=1e-4, atol=1e-3)


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError, match=r"\(B, H, W, 3\)"):
        facts(np.zeros((4, 4, 3), np.uint8))
