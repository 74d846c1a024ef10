"""Averaged outputs of stages, for which a batch runs through the network once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.backbones.pretrained.find import load
from headstart.engine.pooled_stages import PooledStages
from headstart.runtimes.settled import settled
from helpers import make_model
from made_texts import make_text_model

STOPS = (1, 3, 4)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return load(str(make_model(tmp_path_factory.mktemp("model") / "m")))


@pytest.fixture
def choice():
    return settled("eager", "float32", 1, batch_size=4)


@pytest.fixture
def pooled(backbone, choice, tmp_path):
    return PooledStages(backbone, STOPS, choice, tmp_path)


@pytest.fixture
def batch(backbone):
    return backbone.example(6, seed=3)


def directly(backbone, batch, stop):
    with torch.inference_mode():
        return backbone.run(backbone.enter(torch.from_numpy(batch)), 0, stop).values.mean((2, 3)).numpy()


@pytest.mark.parametrize("order", [STOPS, STOPS[::-1], (3, 1, 3, 4, 4)])
def test_each_stage_is_averaged_in_whatever_order_it_is_asked_for(pooled, backbone, batch, order):
    for stop in order:
        assert np.allclose(pooled.at(stop)(batch), directly(backbone, batch, stop), atol=1e-5)


def test_a_batch_runs_once_and_another_one_from_the_beginning(pooled, backbone, batch):
    ran = []
    pooled._slices = [
        (stop, lambda values, stop=stop, run=run: ran.append(stop) or run(values)) for stop, run in pooled._slices
    ]
    for stop in STOPS:
        pooled.at(stop)(batch)
    assert ran == [1, 3, 4]
    other = backbone.example(6, seed=4)
    assert np.allclose(pooled.at(3)(other), directly(backbone, other, 3), atol=1e-5)
    assert ran == [1, 3, 4, 1, 3]


def test_the_width_is_that_of_the_stage(pooled, backbone, batch):
    for stop in STOPS:
        assert pooled.width(stop) == directly(backbone, batch, stop).shape[1]


def test_padding_of_texts_does_not_count(choice, tmp_path):
    backbone = load(str(make_text_model(tmp_path / "m")))
    short = backbone.example(4, seed=1)
    padded = np.concatenate([short, np.zeros((4, 8, *short.shape[2:]), short.dtype)], axis=1)
    with torch.inference_mode():
        boundary = backbone.run(backbone.enter(torch.from_numpy(padded)), 0, 2)
    assert boundary.mask is not None and not boundary.mask.all()
    found = PooledStages(backbone, [2], choice, tmp_path).at(2)(padded)
    expected = [row[keep].mean(0).numpy() for row, keep in zip(boundary.values, boundary.mask.bool(), strict=True)]
    assert np.allclose(found, expected, atol=1e-5)
