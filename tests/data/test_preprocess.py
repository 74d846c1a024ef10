from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from data.helpers_data import encoded, photograph, picture
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.decode import decode_stored
from headstart.data.preprocess import TOLERANCE, centre_box, prepare, resized, share_cut_off

SMALL = ImagePreprocessing(image_size=(64, 64))


def test_crop_of_twice_the_size_is_resize_then_cut():
    # 256 x 256 -> shorter side to 64 / 0.8 = 80, cut 64: the box is 204.8 pixels wide, from 25.6.
    image = photograph(0, 256, 256)
    whole = np.asarray(image.resize((80, 80), Image.Resampling.BICUBIC)).astype(int)[8:72, 8:72]
    result = prepare(encoded(image), ImagePreprocessing(image_size=(64, 64), crop_fraction=0.8))
    assert np.abs(result - whole).max() <= 1


def test_squash_is_pillows_resize():
    image = photograph(1, 90, 200)
    expected = np.asarray(image.resize((32, 48), Image.Resampling.BILINEAR))
    preprocessing = ImagePreprocessing(image_size=(48, 32), resize="squash", interpolation="bilinear")
    assert np.array_equal(prepare(encoded(image), preprocessing), expected)


def test_pad_keeps_the_whole_picture_on_the_mean_colour():
    content = encoded(Image.new("RGB", (40, 20), (10, 20, 30)))
    result = prepare(content, ImagePreprocessing(image_size=(16, 16), resize="pad", mean=(0.5, 0.0, 1.0)))
    assert result.shape == (16, 16, 3)
    assert result[3].tolist() == [[128, 0, 255]] * 16 and result[12].tolist() == [[128, 0, 255]] * 16
    assert result[4].tolist() == [[10, 20, 30]] * 16 and result[11].tolist() == [[10, 20, 30]] * 16


def test_the_box_that_a_crop_keeps():
    # 100 high, 300 wide, square output: the largest square is 100, times 0.8 is 80, centred.
    assert centre_box(100, 300, (224, 224), 0.8) == pytest.approx((110, 10, 190, 90))
    # Output twice as wide as high: the largest box is 100 x 200, times 0.5 is 50 x 100.
    assert centre_box(100, 300, (112, 224), 0.5) == pytest.approx((100, 25, 200, 75))


def test_share_cut_off_by_hand():
    preprocessing = ImagePreprocessing(crop_fraction=0.875)
    # square: 1 - 0.875^2 = 0.234375; twice as tall: 1 - 0.875^2 / 2 = 0.6171875
    sizes = np.array([[50, 50], [100, 50]])
    assert share_cut_off(sizes[:1], preprocessing) == pytest.approx(0.234375)
    assert share_cut_off(sizes, preprocessing) == pytest.approx((0.234375 + 0.6171875) / 2)


@pytest.mark.parametrize("resize", ["squash", "pad"])
def test_squash_and_pad_cut_nothing_off(resize):
    assert share_cut_off(np.array([[10, 90]]), ImagePreprocessing(resize=resize)) == 0


@pytest.mark.parametrize("size", [(600, 601), (1023, 517), (515, 1100), (999, 1003)])
@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
@pytest.mark.parametrize("resize", ["crop", "squash", "pad"])
def test_reduced_jpeg_decoding_stays_within_the_stated_tolerance(size, orientation, resize):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(photograph(2, *size), "JPEG", quality=90, exif=exif)
    preprocessing = ImagePreprocessing(image_size=(64, 64), resize=resize)
    full = resized(decode_stored(content), preprocessing).astype(int)
    assert decode_stored(content, at_least=(147, 147)).image.size < (size[1], size[0])
    assert np.abs(prepare(content, preprocessing) - full).mean() <= TOLERANCE


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("resize", ["crop", "squash", "pad"])
def test_a_turned_picture_is_prepared_like_the_upright_one(orientation, resize):
    from data.test_decode import turned

    exif = Image.Exif()
    exif[0x0112] = orientation
    image = photograph(3, 90, 130)
    preprocessing = ImagePreprocessing(image_size=(40, 56), resize=resize)
    result = prepare(encoded(turned(image, orientation), exif=exif), preprocessing)
    np.testing.assert_array_equal(result, prepare(encoded(image), preprocessing))


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    resize=st.sampled_from(["crop", "squash", "pad"]),
    crop_fraction=st.floats(0.1, 1),
    kind=st.sampled_from(["PNG", "JPEG"]),
)
def test_any_picture_is_prepared_to_the_size_asked_for(height, width, size, resize, crop_fraction, kind):
    preprocessing = ImagePreprocessing(image_size=size, resize=resize, crop_fraction=crop_fraction)
    result = prepare(encoded(picture(0, height, width), kind), preprocessing)
    assert result.shape == (*size, 3) and result.dtype == np.uint8


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.1, 1))
def test_one_colour_stays_one_colour(height, width, crop_fraction):
    content = encoded(Image.new("RGB", (width, height), (3, 140, 250)))
    result = prepare(content, ImagePreprocessing(image_size=(16, 16), crop_fraction=crop_fraction))
    assert (result == (3, 140, 250)).all()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 5000)), min_size=1, max_size=8), st.floats(0.1, 1))
def test_the_share_cut_off_is_a_fraction_and_agrees_with_the_box(sizes, crop_fraction):
    preprocessing = ImagePreprocessing(image_size=(48, 80), crop_fraction=crop_fraction)
    share = share_cut_off(np.array(sizes), preprocessing)
    boxes = [centre_box(height, width, (48, 80), crop_fraction) for height, width in sizes]
    seen = [(r - x) * (b - t) / (h * w) for (x, t, r, b), (h, w) in zip(boxes, sizes, strict=True)]
    assert 0 <= share < 1
    assert share == pytest.approx(1 - np.mean(seen), abs=1e-9)
