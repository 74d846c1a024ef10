from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from data.helpers_data import encoded, photograph, picture
from headstart.core.errors import DataError
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.augment import Augmentation, uniform_draws, view
from headstart.data.preprocess import prepare

SMALL = ImagePreprocessing(image_size=(32, 48))
PLAIN = Augmentation(smallest_area=1, largest_stretch=1, mirror=False, colour=0)
CONTENT = encoded(photograph(0, 64, 96))


def test_view_0_is_the_evaluation_view():
    assert np.array_equal(view(CONTENT, Augmentation(), SMALL, 0), prepare(CONTENT, SMALL))


def test_a_view_is_a_function_of_bytes_settings_and_number():
    first = view(CONTENT, Augmentation(), SMALL, 1)
    assert np.array_equal(first, view(CONTENT, Augmentation(), SMALL, 1))
    assert not np.array_equal(first, view(CONTENT, Augmentation(), SMALL, 2))
    assert not np.array_equal(first, view(CONTENT, Augmentation(smallest_area=0.3), SMALL, 1))


def test_without_any_change_every_view_is_the_whole_picture():
    whole = np.asarray(photograph(0, 64, 96).resize((48, 32), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(view(CONTENT, PLAIN, SMALL, 5) - whole).max() <= 1


def test_half_of_the_views_are_mirrored():
    mirror = PLAIN.model_copy(update={"mirror": True})
    whole, turned = view(CONTENT, PLAIN, SMALL, 1), view(CONTENT, PLAIN, SMALL, 1)[:, ::-1]
    views = [view(CONTENT, mirror, SMALL, number) for number in range(1, 41)]
    is_mirrored = [np.array_equal(v, turned) for v in views]
    assert all(m or np.array_equal(v, whole) for m, v in zip(is_mirrored, views, strict=True))
    assert 10 <= sum(is_mirrored) <= 30  # 20 expected, standard deviation 3.2


def test_grey_stays_grey_and_brightness_changes_mildly():
    content = encoded(Image.new("RGB", (20, 20), (100, 100, 100)))
    for number in range(1, 20):
        result = view(content, Augmentation(), SMALL, number)
        assert np.ptp(result) == 0 and 80 <= result[0, 0, 0] <= 120  # 100 times 0.8 to 1.2


def test_the_first_draws_are_fixed_for_ever():
    # sha256 of (sha256(b"x"), settings, "/1/1/0"): a change here moves every view that anybody has kept.
    assert uniform_draws(b"x", Augmentation(), 1, 2) == pytest.approx(
        [0.49063245291836777, 0.4715872117670411], abs=1e-12
    )


def test_draws_are_uniform_and_independent_of_how_many_are_asked_for():
    draws = [uniform_draws(bytes([i]), Augmentation(), 1, 8) for i in range(200)]
    assert np.mean(draws) == pytest.approx(0.5, abs=0.03) and np.std(draws) == pytest.approx(12**-0.5, abs=0.02)
    assert uniform_draws(b"x", Augmentation(), 1, 3) == uniform_draws(b"x", Augmentation(), 1, 8)[:3]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 30), st.floats(0.05, 1), st.floats(1, 3))
def test_any_picture_has_any_view(height, width, number, smallest_area, largest_stretch):
    augmentation = Augmentation(smallest_area=smallest_area, largest_stretch=largest_stretch)
    result = view(encoded(picture(1, height, width)), augmentation, SMALL, number)
    assert result.shape == (32, 48, 3) and result.dtype == np.uint8


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(DataError, match="text"):
        view(b"no picture here", Augmentation(), SMALL, 3)
