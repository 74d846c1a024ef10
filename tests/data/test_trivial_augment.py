"""TrivialAugment's operations, and the strong views of pictures that have one each."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from data.helpers_data import encoded, photograph
from headstart.core.errors import ConfigError
from headstart.core.files import canonical_json
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.augment import Augmentation, StrongAugmentation, parse_augmentation, view
from headstart.data.modalities import modality
from headstart.data.preprocess import prepare
from headstart.data.trivial_augment import OPERATIONS, trivial_augment

IMAGE = modality("image")
SMALL = ImagePreprocessing(image_size=(32, 48))
PREPARER = IMAGE.preparer(SMALL, {})
PICTURE = photograph(0, 64, 96)
CONTENT = encoded(PICTURE)
STILL = StrongAugmentation(smallest_area=1, largest_stretch=1, mirror=False, colour=0)


def after(name: str, strength: float, pixels: np.ndarray) -> np.ndarray:
    return np.asarray(OPERATIONS[name](Image.fromarray(pixels), strength))


def grey(*values: int) -> np.ndarray:
    """One row of grey pixels, (1, W, 3)."""
    return np.repeat(np.uint8(values)[None, :, None], 3, axis=2)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("strength", [-1.0, -0.3, 0.0, 0.5, 1.0])
def test_every_operation_keeps_size_and_mode(name, strength):
    result = OPERATIONS[name](PICTURE, strength)
    assert result.size == PICTURE.size and result.mode == "RGB"


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"autocontrast", "equalize"}))
def test_at_strength_0_nothing_happens(name):
    if name == "solarize":  # inverts only what is 255
        assert after(name, 0, grey(0, 100, 254, 255))[0, :, 0].tolist() == [0, 100, 254, 0]
    else:
        assert np.array_equal(after(name, 0, np.asarray(PICTURE)), np.asarray(PICTURE))


def test_brightness_is_a_factor_of_1_plus_or_minus_99_percent():
    assert after("brightness", -1, grey(0, 100, 200))[0, :, 0].tolist() == [0, 1, 2]  # times 0.01
    assert after("brightness", 1, grey(0, 50, 200))[0, :, 0].tolist() == [0, 99, 255]  # times 1.99, 99.5 cut to 99


def test_colour_at_its_least_is_almost_grey():
    assert np.ptp(np.asarray(OPERATIONS["colour"](PICTURE, -1)), axis=2).max() <= 3
    assert np.ptp(np.asarray(PICTURE), axis=2).max() > 50


def test_posterize_keeps_two_to_eight_bits():
    assert after("posterize", 1, grey(0, 63, 64, 130, 255))[0, :, 0].tolist() == [0, 0, 64, 128, 192]
    assert after("posterize", -0.5, grey(0, 7, 8, 255))[0, :, 0].tolist() == [0, 0, 8, 248]  # 8 - 3 = 5 bits


def test_solarize_inverts_what_is_brighter_than_the_threshold():
    assert after("solarize", 1, grey(0, 100, 255))[0, :, 0].tolist() == [255, 155, 0]
    assert after("solarize", 0.2, grey(203, 204, 255))[0, :, 0].tolist() == [203, 51, 0]  # from 255 * 0.8 = 204


def test_autocontrast_and_equalize_use_the_whole_range():
    assert after("autocontrast", 1, grey(100, 110, 120))[0, [0, 2], 0].tolist() == [0, 255]
    equal = after("equalize", 1, np.repeat(grey(*range(100, 120)), 20, axis=0))
    assert equal.min() == 0 and equal.max() == 255


def test_translation_is_up_to_a_seventh_of_the_side():
    pixels = np.arange(14 * 21 * 3, dtype=np.uint16).reshape(14, 21, 3).astype(np.uint8)
    right, down = after("translate_x", -1, pixels), after("translate_y", -1, pixels)
    assert np.array_equal(right[:, 3:], pixels[:, :-3]) and not right[:, :3].any()  # 21 / 7
    assert np.array_equal(down[2:], pixels[:-2]) and not down[:2].any()  # 14 / 7
    left = after("translate_x", 1, pixels)
    assert np.array_equal(left[:, :-3], pixels[:, 3:])


def test_a_sheared_column_leans_by_the_strength():
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 25] = 255
    places = after("shear_x", 1, pixels)[:, :, 0].astype(float) @ np.arange(40) / 255
    assert np.diff(places) == pytest.approx(-0.99, abs=0.02)  # a row further down is one 0.99 pixels to the left
    assert np.array_equal(
        after("shear_y", 1, pixels.transpose(1, 0, 2)), after("shear_x", 1, pixels).transpose(1, 0, 2)
    )


def test_two_thirds_of_the_largest_rotation_are_90_degrees():
    pixels = np.asarray(photograph(1, 30, 30))
    assert np.array_equal(after("rotate", 2 / 3, pixels), np.rot90(pixels))


def test_draws_choose_operation_level_and_direction():
    count = len(OPERATIONS)
    assert count == 14
    for i, name in enumerate(OPERATIONS):
        for draw, level, coin, sign in ((0.0, 0, 0.0, 1), (0.5, 15, 0.49, 1), (0.9999, 30, 0.5, -1)):
            result = trivial_augment(PICTURE, [(i + 0.5) / count, draw, coin])
            assert np.array_equal(np.asarray(result), np.asarray(OPERATIONS[name](PICTURE, sign * level / 30)))


def test_light_settings_and_their_address_are_as_they_were():
    light = IMAGE.augmentation("light")
    assert canonical_json(light) == (
        b'{"colour":0.2,"largest_stretch":1.3333333333333333,"mirror":true,"smallest_area":0.35}'
    )
    assert IMAGE.view(PREPARER, light, 1).address() == {**PREPARER.address(), "views": 1}
    assert type(parse_augmentation(light)) is Augmentation


def test_strong_settings_are_the_light_ones_and_one_more():
    strong = IMAGE.augmentation("strong")
    assert strong == {**IMAGE.augmentation("light"), "trivial_augment": True}
    assert parse_augmentation(strong) == StrongAugmentation()
    assert IMAGE.view(PREPARER, strong, 1).address() == {**PREPARER.address(), "views": 1, "operations": 1}
    with pytest.raises(ConfigError, match="mirrors"):
        parse_augmentation({"mirrors": True})


def test_a_strong_view_is_a_function_of_bytes_settings_and_number():
    strong = IMAGE.augmentation("strong")
    views = [IMAGE.view(PREPARER, strong, number).prepare(CONTENT) for number in range(1, 9)]
    assert np.array_equal(views[2], IMAGE.view(PREPARER, strong, 3).prepare(CONTENT))
    assert len({v.tobytes() for v in views}) == 8
    assert all(v.shape == (32, 48, 3) and v.dtype == np.uint8 for v in views)
    assert IMAGE.view(PREPARER, strong, 0) is PREPARER
    assert np.array_equal(view(CONTENT, StrongAugmentation(), SMALL, 0), prepare(CONTENT, SMALL))


def test_every_operation_is_applied_to_about_one_view_in_fourteen():
    # without crop and colours a view is one operation on the resized picture, and identity and strength 0 leave it
    whole = np.asarray(PICTURE.resize((48, 32), Image.Resampling.BICUBIC))
    resized = Image.fromarray(whole)
    kinds = {}
    for name, operation in OPERATIONS.items():
        for level in range(-30, 31):
            kinds.setdefault(np.asarray(operation(resized, level / 30)).tobytes(), name)
    seen = Counter(kinds[view(CONTENT, STILL, SMALL, number).tobytes()] for number in range(1, 281))
    assert set(seen) == set(OPERATIONS)
    assert max(seen.values()) <= 45  # 20 expected, standard deviation 4.3; a few of other operations count as identity


def test_switched_off_nothing_is_applied():
    off = STILL.model_copy(update={"trivial_augment": False})
    whole = np.asarray(PICTURE.resize((48, 32), Image.Resampling.BICUBIC))
    assert all(np.array_equal(view(CONTENT, off, SMALL, number), whole) for number in range(1, 10))
