"""What units cost on paper."""

from __future__ import annotations

import pytest

from headstart.compression.pruning.costs import PRODUCTS, costs_of
from headstart.compression.pruning.groups import Group
from prunable_networks import network_of


def test_a_neuron_costs_a_value_of_each_token_and_its_products():
    """24 tokens: one value written each, 16 products to make it and 16 to read it."""
    backbone = network_of("attention")
    layer = "model.encoder.layer.0"
    group = Group(1, f"{layer}.output.dense", (f"{layer}.intermediate.dense",), 64, 1, 1)
    example = backbone.example(1)
    assert example.shape[1] == 24
    assert costs_of(backbone, [group], example) == [pytest.approx(24 * (1 + (16 + 16) / PRODUCTS))]
