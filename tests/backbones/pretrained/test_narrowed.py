"""Networks with other widths: what is cut that nothing reads changes nothing, and cards tell narrow from wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from backbones.helpers_backbones import small_backbone, small_batch
from headstart.backbones.card import Card
from headstart.backbones.pretrained.backbone import Backbone
from headstart.backbones.pretrained.cut_card import cut_card
from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.load import build_from
from headstart.backbones.pretrained.narrowed import narrowed
from headstart.core.errors import ShapeError

LAYER = "model.encoder.layer.0"


def features(backbone: Backbone) -> np.ndarray:
    with torch.no_grad():
        return backbone(torch.from_numpy(small_batch(backbone.card, 3))).numpy()


def unread_channels(count: int = 8) -> tuple[Backbone, dict[str, torch.Tensor]]:
    """A picture network whose last block does not read some inner channels, and its tensors without those."""
    backbone = small_backbone(Small("mnasnet_small"), name="efficientnet")
    state = backbone.network.state_dict()
    block = next(name for name in reversed(state) if name.endswith("conv_pwl.weight")).removesuffix(".conv_pwl.weight")
    with torch.no_grad():
        state[f"{block}.conv_pwl.weight"][:, :count] = 0
    inner = [name for name in state if name.startswith(block) and ".se." not in name]
    first = [name for name in inner if any(part in name for part in (".conv_pw.", ".bn1.", ".conv_dw.", ".bn2."))]
    cut = {name: state[name][count:] for name in first if state[name].ndim}
    return backbone, {**cut, f"{block}.conv_pwl.weight": state[f"{block}.conv_pwl.weight"][:, count:]}


def unread_neurons(count: int = 8) -> tuple[Backbone, dict[str, torch.Tensor]]:
    """A text network whose first layer does not read some neurons, and its tensors without those."""
    backbone = small_backbone(small("bert", TINY), name="bert_like")
    state = backbone.network.state_dict()
    with torch.no_grad():
        state[f"{LAYER}.output.dense.weight"][:, :count] = 0
    names = (f"{LAYER}.intermediate.dense.weight", f"{LAYER}.intermediate.dense.bias")
    cut = {name: state[name][count:] for name in names}
    return backbone, {**cut, f"{LAYER}.output.dense.weight": state[f"{LAYER}.output.dense.weight"][:, count:]}


@pytest.fixture(params=[unread_channels, unread_neurons], ids=["channels", "neurons"])
def case(request):
    return request.param()


def test_what_nothing_reads_can_go_and_the_card_counts_what_is_left(case):
    backbone, tensors = case
    before = features(backbone)
    made = narrowed(backbone, tensors)
    np.testing.assert_allclose(features(made), before, atol=1e-5)
    assert not made.training and made.stages == backbone.stages
    gone = sum(backbone.network.state_dict()[name].numel() - value.numel() for name, value in tensors.items())
    assert 0 < gone
    assert 0 <= backbone.card.parameters - made.card.parameters <= gone  # running statistics are no parameters
    assert made.card.flops < backbone.card.flops
    assert made.card.size_mib <= backbone.card.size_mib
    assert made.weights_digest(len(made.stages)) != backbone.weights_digest(len(made.stages))


def test_layers_say_their_own_widths(case):
    backbone, tensors = case
    made = narrowed(backbone, tensors)
    for name in tensors:
        layer = made.network.get_submodule(name.rpartition(".")[0])
        if isinstance(layer, torch.nn.Linear):
            assert (layer.out_features, layer.in_features) == tuple(layer.weight.shape)
        elif isinstance(layer, torch.nn.Conv2d):
            assert layer.out_channels == len(layer.weight)
            assert layer.in_channels == layer.weight.shape[1] * layer.groups
        else:
            assert layer.num_features == len(layer.weight)


def test_card_and_tensors_alone_build_it_again_and_narrower_still(case):
    backbone, tensors = case
    made = narrowed(backbone, tensors)
    card = Card.parse(made.card.to_dict(), "a card")
    again = build_from(card, made.network.state_dict())
    np.testing.assert_array_equal(features(again), features(made))
    same = narrowed(made, {})
    np.testing.assert_array_equal(features(same), features(made))
    assert same.card == made.card


def test_a_narrow_network_can_be_cut(case):
    backbone, tensors = case
    made = narrowed(backbone, tensors)
    last = backbone.stages[-2]
    card = cut_card(made.card, last)
    cut = build_from(card, made.network.state_dict())
    assert cut.card.parameters <= made.card.parameters
    whole = build_from(cut_card(backbone.card, last), backbone.network.state_dict())
    np.testing.assert_allclose(features(cut), features(whole), atol=1e-5)
    shallow = build_from(cut_card(made.card, backbone.stages[1]), made.network.state_dict())
    assert features(shallow).shape == (3, shallow.feature_dim)


def test_a_cut_network_can_be_narrowed(case):
    backbone, tensors = case
    cut = build_from(cut_card(backbone.card, backbone.stages[-2]), backbone.network.state_dict())
    left = {name: value for name, value in tensors.items() if name in cut.network.state_dict()}
    assert left
    made = narrowed(cut, left)
    np.testing.assert_allclose(features(made), features(cut), atol=1e-5)
    again = build_from(made.card, made.network.state_dict())
    np.testing.assert_array_equal(features(again), features(made))


def test_what_does_not_fit_is_told():
    backbone, tensors = unread_neurons()
    name = f"{LAYER}.output.dense.weight"
    with pytest.raises(ShapeError, match="has no nothing"):
        narrowed(backbone, {"nothing": torch.zeros(1)})
    with pytest.raises(ShapeError, match="layers of .* must fit each other"):
        narrowed(backbone, {name: tensors[name]})
    with pytest.raises(ShapeError, match=r"tensors of .*intermediate.dense must have 16 channels"):
        narrowed(backbone, {key: value for key, value in tensors.items() if "bias" not in key})
    made = narrowed(backbone, tensors)
    with pytest.raises(ShapeError, match=r"must be \(16, 16\), as its card says; got \(24, 16\)"):
        build_from(made.card, backbone.network.state_dict())
    with pytest.raises(ShapeError, match="must be those of this"):
        build_from(backbone.card, made.network.state_dict())
