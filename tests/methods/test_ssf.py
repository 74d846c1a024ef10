from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.methods.ssf import Ssf, SsfConfig
from headstart.methods.training.base import Training
from headstart.methods.training.objective import TaskObjective
from headstart.methods.training.settings import TrainConfig
from methods.helpers_training import TinyModel, a_batch, by_name, prepared, randomise, train_only, with_gradient

NETWORK = "backbone.network"
ADDED = sorted(
    [f"{NETWORK}.{layer}.parametrizations.weight.0.scale" for layer in ("conv", "bn", "fc", "out", "ln")]
    + [f"{NETWORK}.{layer}.parametrizations.bias.0.shift" for layer in ("bn", "fc", "out", "ln")]
)
INPUTS = {"conv": (3, 2, 5, 5), "bn": (3, 6, 4, 4), "fc": (3, 6), "ln": (3, 4)}


def moved(method, boundary=0, bias=True):
    model, ctx = prepared(method, boundary, bias)
    randomise(next(group for group in method.param_groups(model) if group.name == "added").parameters)
    return model, ctx


def across(vector, values):
    """A vector of channels, for maps or rows."""
    return vector.view(1, -1, *[1] * (values.ndim - 2))


def test_preparing_changes_nothing_but_the_head():
    plain, _ = prepared(Training(TrainConfig()))
    model, _ = prepared(Ssf(SsfConfig()))
    assert torch.equal(model(a_batch()), plain(a_batch()))


@pytest.mark.parametrize("layer", ["fc", "ln", "bn"])
def test_output_of_a_layer_is_scaled_and_shifted(layer):
    model, _ = moved(Ssf(SsfConfig()))
    module, plain = (getattr(each.backbone.network, layer) for each in (model, TinyModel()))
    scale, shift = module.parametrizations.weight[0].scale, module.parametrizations.bias[0].shift
    values = torch.randn(INPUTS[layer], generator=torch.Generator().manual_seed(2))
    expected = across(scale, values) * plain(values) + across(shift, values)
    assert torch.allclose(module(values), expected, atol=1e-5)


def test_output_of_a_layer_without_a_bias_is_scaled():
    model, _ = moved(Ssf(SsfConfig()))
    conv, plain = model.backbone.network.conv, TinyModel().backbone.network.conv
    values = a_batch().values
    expected = across(conv.parametrizations.weight[0].scale, values) * plain(values)
    assert conv.bias is None and torch.allclose(conv(values), expected, atol=1e-5)


def test_scale_is_one_parameter_for_weight_and_bias():
    fc = prepared(Ssf(SsfConfig()))[0].backbone.network.fc
    assert fc.parametrizations.weight[0].scale is fc.parametrizations.bias[0].scale


def test_only_head_scales_and_shifts_are_trained_each_once():
    method = Ssf(SsfConfig())
    model, _ = prepared(method)
    groups = method.param_groups(model)
    found = [value for group in groups for value in group.parameters]
    assert by_name(model, found) == sorted([*ADDED, "head.bias", "head.weight"])
    train_only(model, groups)
    method.step(model, a_batch(), TaskObjective("class", 3), 0).total.backward()
    assert with_gradient(model) == sorted([*ADDED, "head.bias", "head.weight"])


def test_frozen_stages_and_norms_without_weights_stay():
    frozen = prepared(Ssf(SsfConfig()), boundary=3)[0].backbone.network
    assert not hasattr(frozen.fc, "parametrizations") and hasattr(frozen.ln, "parametrizations")
    bare = moved(Ssf(SsfConfig()), bias=False)[0].backbone.network
    assert not hasattr(bare.bn, "parametrizations") and list(bare.ln.parametrizations) == ["weight"]


def test_merging_makes_plain_layers_that_compute_the_same():
    method = Ssf(SsfConfig())
    model, ctx = moved(method)
    before = model(a_batch()).detach()
    assert method.finish(model, ctx) == {"merged": 9}
    assert (model(a_batch()) - before).abs().max() <= 1e-6
    assert not any(hasattr(module, "parametrizations") for module in model.modules())
    assert type(model.backbone.network.bn) is nn.BatchNorm2d


def test_a_merged_network_loads_into_a_new_one():
    method = Ssf(SsfConfig())
    model, ctx = moved(method)
    method.finish(model, ctx)
    plain = TinyModel()
    assert set(model.state_dict()) == set(plain.state_dict())
    plain.load_state_dict(model.state_dict())
    assert torch.equal(plain(a_batch()), model(a_batch()))
