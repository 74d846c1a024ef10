from __future__ import annotations

import pytest

from headstart.core.errors import ConfigError
from headstart.methods.bitfit import BitFit, BitFitConfig
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import a_batch, by_name, prepared, train_only, with_gradient

NETWORK = "backbone.network"


def trained(boundary=0):
    method = BitFit(BitFitConfig())
    model, _ = prepared(method, boundary)
    groups = method.param_groups(model)
    return model, method, groups


def test_only_biases_and_the_head_are_trained():
    model, method, groups = trained()
    expected = [*(f"{NETWORK}.{layer}.bias" for layer in ("bn", "fc", "ln", "out")), "head.bias", "head.weight"]
    assert by_name(model, [value for group in groups for value in group.parameters]) == expected
    train_only(model, groups)
    method.step(model, a_batch(), TaskObjective("class", 3), 0).total.backward()
    assert with_gradient(model) == expected


def test_biases_do_not_decay():
    assert {group.name: group.decays for group in trained()[2]} == {
        "head": True,
        "head/vectors": False,
        "biases": False,
    }


def test_biases_of_frozen_stages_stay():
    model, _, groups = trained(boundary=3)
    assert by_name(model, groups[-1].parameters) == [f"{NETWORK}.ln.bias"]


def test_a_network_without_biases_is_refused():
    method = BitFit(BitFitConfig())
    model, _ = prepared(method, bias=False)
    with pytest.raises(ConfigError, match=r"bitfit trains biases; the stages .*'stem'.* of tiny have none"):
        method.param_groups(model)
