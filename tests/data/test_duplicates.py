from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from data.helpers_data import encoded, photograph
from headstart.core.errors import ShapeError
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data import duplicates
from headstart.data.duplicates import LENGTH, fingerprint, near_duplicate_groups
from headstart.data.preprocess import prepare

PREPROCESSING = ImagePreprocessing(image_size=(96, 96))


def groups_of(images):
    contents = [encoded(image, "JPEG", quality=90) if isinstance(image, Image.Image) else image for image in images]
    keys = np.stack([np.frombuffer(hashlib.sha256(content).digest(), np.uint8) for content in contents])
    pixels = np.stack([prepare(content, PREPROCESSING) for content in contents])
    return near_duplicate_groups(keys, fingerprint(pixels)).tolist()


def resized(image, factor):
    return image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)


def keys_of(n):
    return np.random.default_rng(0).integers(0, 256, (n, 32), dtype=np.uint8)


def test_resized_recompressed_and_brighter_copies_are_found():
    one, two = photograph(1, 200, 260), photograph(2, 200, 260)
    copies = [
        resized(one, 0.5),
        resized(one, 1.3),
        encoded(one, "JPEG", quality=30),
        ImageEnhance.Brightness(one).enhance(1.1),
    ]
    assert groups_of([one, two, *copies, resized(two, 0.7)]) == [0, 1, 0, 0, 0, 0, 1]


def test_different_pictures_with_the_same_outline_are_not_joined():
    mask = Image.new("L", (200, 200), 0)
    mask.paste(255, (40, 30, 160, 170))
    black = Image.new("RGB", (200, 200))
    scans = [Image.composite(photograph(seed, 200, 200).convert("L").convert("RGB"), black, mask) for seed in range(12)]
    assert groups_of(scans) == list(range(12))


def test_the_same_shape_in_another_colour_is_another_picture():
    red = np.asarray(photograph(3, 100, 100)).copy()
    assert groups_of([encoded(Image.fromarray(red)), encoded(Image.fromarray(red[..., ::-1]))]) == [0, 1]


def test_empty_pictures_are_joined_by_their_bytes_only():
    grey = [Image.new("RGB", (50, 50), (level,) * 3) for level in (100, 101, 100)]
    assert groups_of([encoded(image) for image in grey]) == [0, 1, 0]


def test_equal_bytes_are_one_group_whatever_the_fingerprint_says():
    keys = keys_of(3)
    keys[2] = keys[0]
    marks = np.random.default_rng(1).normal(0, 50, (3, LENGTH)).astype(np.float32)
    assert near_duplicate_groups(keys, marks).tolist() == [0, 1, 0]


def slow_groups(marks):
    """Every pair by the definition, with numpy.corrcoef and explicit loops."""
    n = len(marks)
    luma = marks[:, :256].reshape(n, 16, 16).astype(float)

    def detail(cells):
        side = len(cells)
        wide = np.pad(cells, 1, mode="edge")
        return np.array([[cells[i, j] - wide[i : i + 3, j : j + 3].mean() for j in range(side)] for i in range(side)])

    details = [detail(cells) for cells in luma]
    label = list(range(n))
    for a in range(n):
        for b in range(a + 1, n):
            same = np.corrcoef(luma[a].ravel(), luma[b].ravel())[0, 1] > 0.98
            same &= np.corrcoef(details[a].ravel(), details[b].ravel())[0, 1] > 0.9
            same &= np.sqrt(np.mean((marks[a, 256:] - marks[b, 256:]) ** 2)) <= 10
            if same:
                old, new = max(label[a], label[b]), min(label[a], label[b])
                label = [new if value == old else value for value in label]
    return np.unique(label, return_inverse=True)[1].tolist()


@pytest.mark.parametrize("dense", [0.0, 1.0])  # all pairs of a block at once, and one by one
@pytest.mark.parametrize("block", [7, 512])
def test_groups_are_those_of_the_definition(monkeypatch, dense, block):
    monkeypatch.setattr(duplicates, "DENSE", dense)
    monkeypatch.setattr(duplicates, "BLOCK", block)
    rng = np.random.default_rng(5)
    originals = rng.normal(0, 1, (12, LENGTH)) * ([40] * 256 + [20] * 32) + 120
    noise = rng.normal(0, 1, (40, LENGTH)) * rng.choice([0.5, 4.0, 9.0], (40, 1))
    marks = (originals[rng.integers(0, 12, 40)] + noise).astype(np.float32)
    expected = slow_groups(marks)
    assert 5 < len(set(expected)) < 40
    assert near_duplicate_groups(keys_of(40), marks).tolist() == expected


def test_groups_do_not_depend_on_the_order_of_the_pictures():
    rng = np.random.default_rng(6)
    originals = rng.normal(120, 40, (20, LENGTH))
    marks = (originals[rng.integers(0, 20, 60)] + rng.normal(0, 2, (60, LENGTH))).astype(np.float32)
    order = rng.permutation(60)
    plain, shuffled = near_duplicate_groups(keys_of(60), marks), near_duplicate_groups(keys_of(60), marks[order])
    together = plain[:, None] == plain[None, :]
    assert np.array_equal(together[np.ix_(order, order)], shuffled[:, None] == shuffled[None, :])


@pytest.mark.parametrize("size", [(1, 1), (5, 40), (16, 16), (33, 70)])
def test_a_fingerprint_is_the_mean_of_each_cell(size):
    pixels = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    marks = fingerprint(pixels)
    assert marks.shape == (2, LENGTH) and marks.dtype == np.float32
    for cell in range(16):
        top, left = min(cell * size[0] // 16, size[0] - 1), min(cell * size[1] // 16, size[1] - 1)
        bottom, right = max((cell + 1) * size[0] // 16, top + 1), max((cell + 1) * size[1] // 16, left + 1)
        mean = pixels[1, top:bottom, left:right].astype(float).mean((0, 1))
        assert marks[1, cell * 17] == pytest.approx(mean @ [0.299, 0.587, 0.114], abs=1e-3)


def test_tall_cells_do_not_overflow():
    assert fingerprint(np.full((1, 16 * 300, 16, 3), 255, np.uint8))[0, :256] == pytest.approx(255, abs=1e-2)


def test_no_pictures_have_no_groups():
    assert near_duplicate_groups(keys_of(0), np.zeros((0, LENGTH), np.float32)).tolist() == []


def test_wrong_shapes_are_refused():
    with pytest.raises(ShapeError, match=r"\(B, H, W, 3\)"):
        fingerprint(np.zeros((2, 8, 8), np.uint8))
    with pytest.raises(ShapeError, match=r"shape \(2, 288\); got \(3, 288\)"):
        near_duplicate_groups(keys_of(2), np.zeros((3, LENGTH), np.float32))


@pytest.mark.slow
def test_fifty_thousand_pictures_and_their_copies():
    rng = np.random.default_rng(0)
    n = 50_000
    marks = rng.normal(120, 40, (n, LENGTH)).astype(np.float32)
    marks[-100:] = marks[:100] + rng.normal(0, 1, (100, LENGTH))
    groups = near_duplicate_groups(keys_of(n), marks)
    assert np.array_equal(groups[-100:], groups[:100]) and len(set(groups)) == n - 100
