from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from headstart.methods.lora import Lora, LoraConfig, LowRank
from headstart.methods.training.base import Training
from headstart.methods.training.objective import TaskObjective
from headstart.methods.training.settings import TrainConfig
from methods.helpers_training import TinyModel, a_batch, by_name, prepared, randomise, train_only, with_gradient

NETWORK = "backbone.network"
FACTORS = sorted(
    f"{NETWORK}.{layer}.parametrizations.weight.0.{part}" for layer in ("conv", "fc", "out") for part in ("down", "up")
)


def lora(rank=2, alpha=8.0):
    return Lora(LoraConfig(rank=rank, alpha=alpha))


def moved(method, boundary=0):
    """A prepared model whose added parameters are anywhere."""
    model, ctx = prepared(method, boundary)
    randomise(next(group for group in method.param_groups(model) if group.name == "added").parameters)
    return model, ctx


def test_preparing_changes_nothing_but_the_head():
    plain, _ = prepared(Training(TrainConfig()))
    model, _ = prepared(lora())
    assert torch.equal(model(a_batch()), plain(a_batch()))


@pytest.mark.parametrize("layer", ["fc", "conv"])
def test_a_weight_is_corrected_by_scaled_factors(layer):
    model, _ = moved(lora(rank=2, alpha=3.0))
    module = getattr(model.backbone.network, layer)
    made = module.parametrizations.weight[0]
    before = getattr(TinyModel().backbone.network, layer).weight
    expected = before.detach().double().clone()
    for row in range(before.shape[0]):
        for column in range(before[0].numel()):
            added = sum(made.up[row, r].item() * made.down[r, column].item() for r in range(2))
            expected[row].view(-1)[column] += 3.0 / 2**0.5 * added
    assert made.down.shape == (2, before[0].numel()) and made.up.shape == (before.shape[0], 2)
    assert torch.allclose(module.weight.double(), expected, atol=1e-5)


def test_a_corrected_convolution_convolves_with_the_sum():
    model, _ = moved(lora(rank=2, alpha=3.0))
    conv, plain = model.backbone.network.conv, TinyModel().backbone.network.conv
    made, values = conv.parametrizations.weight[0], a_batch().values
    narrow = nn.functional.conv2d(values, made.down.view(2, 2, 3, 3))
    added = nn.functional.conv2d(narrow, made.up.view(6, 2, 1, 1))
    assert torch.allclose(conv(values), plain(values) + 3.0 / 2**0.5 * added, atol=1e-4)


def test_the_rank_is_never_more_than_the_matrix_has():
    made = LowRank(torch.zeros(3, 2, 5, 5), 8, 6.0)
    assert made.up.shape == (3, 3) and made.down.shape == (3, 50) and made.scale == pytest.approx(6 / 3**0.5)


def test_only_head_and_factors_are_trained():
    method = lora()
    model, _ = moved(method)
    groups = method.param_groups(model)
    assert by_name(model, [value for group in groups for value in group.parameters]) == sorted(
        [*FACTORS, "head.bias", "head.weight"]
    )
    train_only(model, groups)
    method.step(model, a_batch(), TaskObjective("class", 3), 0).total.backward()
    assert with_gradient(model) == sorted([*FACTORS, "head.bias", "head.weight"])


def test_the_first_gradient_moves_the_factor_that_is_zero():
    method = lora()
    model, _ = prepared(method)
    train_only(model, method.param_groups(model))
    method.step(model, a_batch(), TaskObjective("class", 3), 0).total.backward()
    made = model.backbone.network.fc.parametrizations.weight[0]
    assert made.up.grad.abs().max() > 0 and made.down.grad.abs().max() == 0


def test_frozen_stages_are_not_corrected():
    model, _ = prepared(lora(), boundary=2)
    network = model.backbone.network
    assert not hasattr(network.conv, "parametrizations") and hasattr(network.fc, "parametrizations")


def test_merging_makes_plain_layers_that_compute_the_same():
    method = lora()
    model, ctx = moved(method)
    before = model(a_batch()).detach()
    assert method.finish(model, ctx) == {"merged": 3}
    assert (model(a_batch()) - before).abs().max() <= 1e-6
    assert not any(hasattr(module, "parametrizations") for module in model.modules())
    assert type(model.backbone.network.fc) is nn.Linear and type(model.backbone.network.conv) is nn.Conv2d
    assert isinstance(model.backbone.network.fc.weight, nn.Parameter)


def test_a_merged_network_loads_into_a_new_one():
    method = lora()
    model, ctx = moved(method)
    method.finish(model, ctx)
    plain = TinyModel()
    assert set(model.state_dict()) == set(plain.state_dict())
    plain.load_state_dict(model.state_dict())
    assert torch.equal(plain(a_batch()), model(a_batch()))


def test_a_merged_network_names_its_tensors_in_the_same_order():
    method = lora()
    model, ctx = moved(method)
    method.finish(model, ctx)
    assert list(model.state_dict()) == list(TinyModel().state_dict())


def test_layers_with_a_parametrisation_of_their_own_keep_it():
    method, model = lora(), TinyModel()
    parametrizations.weight_norm(model.backbone.network.fc)
    ctx = prepared(lora())[1]
    method.prepare(model, ctx)
    assert method.finish(model, ctx) == {"merged": 2}
    assert hasattr(model.backbone.network.fc, "parametrizations")


def test_factors_do_not_decay_and_are_drawn_the_same_each_time():
    method = lora()
    first, second = prepared(method)[0], prepared(method)[0]
    assert [group.decays for group in method.param_groups(first) if group.name == "added"] == [False]
    own = dict(second.named_parameters())
    assert all(torch.equal(value, own[name]) for name, value in first.named_parameters())
