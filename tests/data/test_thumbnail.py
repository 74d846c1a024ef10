from __future__ import annotations

import io

import pytest
from PIL import Image

from data.helpers_data import encoded, photograph
from headstart.core.errors import DataError
from headstart.data.thumbnail import thumbnail


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_longer_side_is_the_one_asked_for(kind):
    image = Image.open(io.BytesIO(thumbnail(encoded(photograph(0, 300, 600), kind), longest=100)))
    assert image.format == "JPEG" and image.size == (100, 50)


def test_small_pictures_are_not_enlarged():
    assert Image.open(io.BytesIO(thumbnail(encoded(photograph(0, 20, 30))))).size == (30, 20)


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(DataError, match="0 bytes"):
        thumbnail(b"")
