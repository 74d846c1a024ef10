"""Addresses: whatever decides bits makes another one."""

from __future__ import annotations

import pytest

from headstart.core.preprocessing import ImagePreprocessing
from headstart.engine.activations.address import Space, network_space, pixel_space

BASE = {
    "name": "net",
    "weights_digest": "ab",
    "stage": 3,
    "preprocessing": ImagePreprocessing(),
    "runtime": {"name": "eager", "precision": "float32", "batch_size": 32, "version": "1", "machine": "m"},
}


@pytest.mark.parametrize(
    "change",
    [
        {"weights_digest": "ac"},
        {"stage": 4},
        {"preprocessing": ImagePreprocessing(resize="squash")},
        {"preprocessing": ImagePreprocessing(mean=(0.5, 0.5, 0.5))},
        {"runtime": {**BASE["runtime"], "precision": "bfloat16"}},
        {"runtime": {**BASE["runtime"], "batch_size": 16}},
        {"runtime": {**BASE["runtime"], "version": "2"}},
        {"view": 1},
        {"augmentation": {"flip": True}},
        {"dtype": "bfloat16"},
    ],
    ids=str,
)
def test_every_part_that_decides_bits_changes_the_address(change):
    assert network_space(**BASE).digest == network_space(**BASE).digest
    assert network_space(**{**BASE, **change}).digest != network_space(**BASE).digest


def test_another_decoder_is_another_address(monkeypatch):
    before = network_space(**BASE).digest, pixel_space("histograms", 1, ImagePreprocessing()).digest
    monkeypatch.setattr("headstart.data.decode.decoder_version", lambda: "another")
    assert network_space(**BASE).digest != before[0]
    assert pixel_space("histograms", 1, ImagePreprocessing()).digest != before[1]


def test_the_order_of_parts_does_not_count():
    assert Space({"a": 1, "b": 2}).digest == Space({"b": 2, "a": 1}).digest
