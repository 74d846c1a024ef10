from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from data.helpers_data import encoded, picture, png
from headstart.core.errors import DataError
from headstart.data.decode import MAX_PIXELS, decode, decoder_version, probe

TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # what the camera stored: the viewer turns it back by 270
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def pixels(content, **options):
    image = decode(content, **options)
    assert image.mode == "RGB"
    return np.asarray(image).astype(int)


def turned(image, orientation):
    turn = TURNS[orientation]
    return image if turn is None else image.transpose(turn)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("JPEG", {"quality": 95, "subsampling": 0}), ("WEBP", {"lossless": True})]
)
def test_every_exif_orientation_is_undone(orientation, kind, options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(turned(picture(1), orientation), kind, exif=exif, **options)
    assert probe(content) == (24, 32, kind)
    assert np.abs(pixels(content) - np.asarray(picture(1))).mean() < (3 if kind == "JPEG" else 0.01)


def test_tiff_orientation_is_undone():
    content = encoded(turned(picture(1), 6), "TIFF", tiffinfo={0x0112: 6})
    assert probe(content) == (24, 32, "TIFF")
    assert np.array_equal(pixels(content), np.asarray(picture(1)))


def test_grey_becomes_three_equal_channels():
    result = pixels(encoded(picture().convert("L")))
    assert np.array_equal(result[..., 0], result[..., 2])
    assert np.array_equal(result[..., 0], np.asarray(picture().convert("L")))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_half_transparent_black_on_white_is_mid_grey(mode):
    image = Image.new(mode, (4, 3), (0, 0, 0, 128) if mode == "RGBA" else (0, 128))
    # 255 * (1 - 128/255) = 127
    assert np.array_equal(pixels(encoded(image)), np.full((3, 4, 3), 127))


def test_transparent_palette_entry_is_white():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 10, 10])
    image.putpixel((0, 0), 0)
    result = pixels(encoded(image, transparency=0))
    assert result[0, 0].tolist() == [255, 255, 255] and result[1, 1].tolist() == [200, 10, 10]


def test_transparent_palette_with_many_alphas_is_blended():
    image = Image.new("P", (2, 1), 1)
    image.putpalette([0, 0, 0, 0, 0, 0])
    image.putpixel((0, 0), 0)
    assert pixels(encoded(image, transparency=bytes([0, 255])))[0].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize("image", [Image.new("RGB", (3, 2), (9, 9, 9)), Image.new("L", (3, 2), 9)])
def test_colour_declared_transparent_is_white(image):
    key = (9, 9, 9) if image.mode == "RGB" else 9
    assert (pixels(encoded(image, transparency=key)) == 255).all()


def test_cmyk_without_ink_is_white_and_full_black_ink_is_black():
    for kind in ("JPEG", "TIFF"):
        assert pixels(encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), kind)).min() > 250
        assert pixels(encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 255)), kind)).max() < 5


def test_black_and_white_pictures_are_0_and_255():
    assert np.unique(pixels(encoded(picture().convert("1")))).tolist() == [0, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_scaled_by_their_full_range(kind):
    values = np.array([[0, 257, 25_700, 65_535]], np.uint16)  # 257 = 65535 / 255
    assert pixels(encoded(Image.fromarray(values), kind))[0, :, 0].tolist() == [0, 1, 100, 255]


def test_floats_up_to_1_fill_the_range_and_nan_is_black():
    values = np.array([[0.0, 0.5, 1.0, np.nan]], np.float32)
    assert pixels(encoded(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 128, 255, 0]


def test_32_bit_integers_within_a_byte_stay_as_they_are():
    values = np.array([[0, 7, 255]], np.int32)
    assert pixels(encoded(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 7, 255]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF", "WEBP"])
def test_first_frame_of_several(kind):
    red, blue = Image.new("RGB", (5, 4), (255, 0, 0)), Image.new("RGB", (5, 4), (0, 0, 255))
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(red, kind, save_all=True, append_images=[blue], **options)
    assert pixels(content)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("kind", ["BMP", "PPM", "JPEG2000", "AVIF"])
def test_other_formats_are_read(kind):
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    content = encoded(picture(), kind)
    assert probe(content) == (24, 32, kind)
    assert np.abs(pixels(content) - np.asarray(picture())).mean() < 8


def test_a_jpeg_comes_smaller_only_as_far_as_asked():
    content = encoded(picture(0, 400, 640), "JPEG")
    assert decode(content, at_least=(100, 100)).size == (160, 100)
    assert decode(content, at_least=(101, 100)).size == (320, 200)
    assert decode(content, at_least=(100, 161)).size == (320, 200)
    assert decode(content, at_least=(401, 1)).size == (640, 400)


def test_the_size_asked_for_is_the_size_as_seen():
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(picture(0, 400, 640), "JPEG", exif=exif)  # seen: 640 high, 400 wide
    assert decode(content, at_least=(320, 200)).size == (200, 320)
    assert decode(content, at_least=(200, 320)).size == (400, 640)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "0 bytes"),
        (b"hello world, I am text", "text"),
        (bytes(range(200, 256)), "not a picture in a known format"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "HEIC"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "text"),
        (b"BMW is a car, not a bitmap", "damaged BMP"),
        (b"\xff\xd8\xff\xe0 no jpeg", "damaged JPEG"),
    ],
)
@pytest.mark.parametrize("function", [decode, probe])
def test_what_is_no_picture_is_refused_with_the_reason(function, content, reason):
    with pytest.raises(DataError, match=reason):
        function(content)


@pytest.mark.parametrize(("kind", "share"), [("JPEG", 0.6), ("PNG", 0.6), ("JPEG", 0.98), ("PNG", 0.98)])
@pytest.mark.parametrize("function", [decode, probe])
def test_a_file_that_is_cut_off_is_refused(function, kind, share):
    content = encoded(picture(0, 100, 120), kind)
    with pytest.raises(DataError, match="damaged or cut off"):
        function(content[: int(len(content) * share)])


def test_an_end_mark_inside_the_exif_preview_does_not_hide_a_cut():
    exif = Image.Exif()
    exif[0x010E] = "\xff\xd9" * 3
    content = encoded(picture(0, 100, 120), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0" + b"\xff\xd9" * 4)
    with pytest.raises(DataError, match="cut off"):
        probe(content[:-40])


def test_junk_after_the_end_is_no_damage():
    for kind in ("JPEG", "PNG"):
        assert probe(encoded(picture(), kind) + b"\0" * 100).format == kind


def huge_png(side):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("function", [decode, probe])
@pytest.mark.parametrize("side", [9_500, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(function, side):
    assert side * side > MAX_PIXELS
    with pytest.raises(DataError, match=r"more than the 89,478,485"):
        function(huge_png(side))


def test_the_version_of_the_decoder_names_pillow():
    assert "pillow" in decoder_version()


SMALL = {kind: encoded(picture(3), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")}


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(SMALL)), st.data())
def test_damaged_bytes_give_a_picture_or_a_reason_and_nothing_else(kind, data):
    content = bytearray(SMALL[kind])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        image = decode(content)
    except DataError as error:
        assert str(error)
    else:
        header = probe(content)
        assert (header.height, header.width) == (image.height, image.width)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_picture_or_a_reason(content):
    for function in (decode, probe):
        try:
            function(content)
        except DataError as error:
            assert str(error)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(sorted(SMALL)), st.integers(0, 5))
def test_the_header_and_the_picture_agree_on_the_size(height, width, kind, seed):
    content = encoded(picture(seed, height, width), kind)
    assert probe(content) == (height, width, kind)
    assert decode(content).size == (width, height)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 9) | st.integers(0, 65_535), st.sampled_from(["I", "M"]), st.booleans())
def test_the_jpeg_orientation_is_what_pillow_reads(value, order, with_more_tags):
    exif = Image.Exif()
    exif.endian = "<" if order == "I" else ">"
    if with_more_tags:
        exif[0x010F], exif[0x0132] = "Maker", "2026:01:01 00:00:00"
    exif[0x0112] = value
    content = encoded(picture(), "JPEG", exif=exif)
    seen = Image.open(io.BytesIO(content)).getexif().get(0x0112, 1)
    turns = isinstance(seen, int) and 5 <= seen <= 8
    assert probe(content)[:2] == ((32, 24) if turns else (24, 32))


def test_png_bytes_in_memory_decode_to_what_was_encoded():
    assert np.array_equal(pixels(png(5)), np.asarray(picture(5)))
