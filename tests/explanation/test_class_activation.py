"""Class activation maps: the head at each place of the last map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.bundle.graph_runners import GraphCompute
from headstart.core.errors import ConfigError
from headstart.explanation.explainers.class_activation import activation, has_maps

PIXELS = np.zeros((4, 4, 3), np.uint8)
MAPS = np.array([[[1.0, 0.0], [0.0, 3.0]], [[0.0, 2.0], [2.0, 0.0]]], np.float32)[None]  # (1, 2 features, 2, 2)
WEIGHT, BIAS = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([5.0, -5.0])


def linear(features):
    return features @ WEIGHT.T + BIAS


@dataclass(frozen=True)
class Asking:
    """A model with one network."""

    predictor: SimpleNamespace
    column: int = 0
    kind: str = "class"


def asking(head=linear, maps=lambda pixels: MAPS, sources=1):
    over = SimpleNamespace(compute=GraphCompute(lambda pixels: MAPS.mean(axis=(2, 3)), maps))
    return Asking(SimpleNamespace(passes=(over,), sources=(None,) * sources, head=head))


def test_each_place_has_its_share_of_the_margin_and_the_bias_belongs_to_none():
    # logit 0 less the mean of both is (f0 - f1) / 2 + 5; at a place (f0 - f1) / 2, over 4 places
    found = activation(asking(), PIXELS)
    np.testing.assert_allclose(found, (MAPS[0, 0] - MAPS[0, 1]) / 2 / 4)
    features = MAPS.mean(axis=(2, 3))
    margin = linear(features)[0, 0] - linear(features)[0].mean()
    assert found.sum() == pytest.approx(margin - 5)


def test_the_other_class_is_spoken_for_where_this_one_is_spoken_against():
    model = asking()
    np.testing.assert_allclose(activation(replace(model, column=1), PIXELS), -activation(model, PIXELS))


def test_a_head_that_is_not_linear_has_no_shares():
    with pytest.raises(ConfigError, match="linear head"):
        activation(asking(head=lambda features: np.stack([features[:, 0] ** 2, features[:, 1]], axis=1)), PIXELS)


@pytest.mark.parametrize("model", [asking(maps=None), asking(sources=2)])
def test_without_one_network_that_gives_maps_there_is_none(model):
    assert not has_maps(model)
    with pytest.raises(ConfigError, match="onnxruntime"):
        activation(model, PIXELS)


def test_a_run_of_a_network_that_averages_is_explained_by_it(shared):
    import headstart

    told = headstart.explain(shared.run.path, shared.photos / "red" / "9.png", method="class_activation")
    (document,) = told.to_dict()["explanations"]
    assert document["error"] is None and np.asarray(document["values"]).shape == tuple(document["shape"])
