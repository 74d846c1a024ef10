"""A network that is cut gives what the whole one gives there, averaged, and holds nothing of what comes later."""

from __future__ import annotations

import copy

import pytest
import torch

from backbones.helpers_backbones import TINY, small_backbone, small_card
from headstart.backbones.pretrained.backbone import Backbone
from headstart.backbones.pretrained.cut import averaged
from headstart.backbones.pretrained.cut_card import boundary_after, cut_card
from headstart.backbones.pretrained.family import ROOM, family
from headstart.backbones.pretrained.load import build_from
from headstart.core import plugins
from headstart.core.errors import ConfigError

MEMBERS = [(name, small) for name in plugins.names(ROOM) for small in family(name).small]
IDS = [f"{name}-{number}-{small.architecture}" for number, (name, small) in enumerate(MEMBERS)]


def cut(backbone, stage):
    """With tensors of its own."""
    return Backbone(cut_card(backbone.card, stage), copy.deepcopy(backbone.network), backbone.assets).eval()


def by_hand(backbone, batch, stop):
    """Positions that are there, one example after another, averaged one by one."""
    boundary = backbone.run(backbone.enter(batch), 0, stop)
    found = []
    for row, values in enumerate(boundary.values):
        if boundary.mask is not None and values.ndim > 1:
            values = values[boundary.mask[row]]
        if backbone.variable_axis is None and values.ndim == 3:
            values = values.permute(1, 2, 0)
        found.append(values.reshape(-1, values.shape[-1]).double().mean(0) if values.ndim > 1 else values.double())
    return torch.stack(found)


@pytest.mark.parametrize(("name", "small"), MEMBERS, ids=IDS)
@torch.no_grad()  # operations cannot be counted in inference mode
def test_every_family_can_be_cut(name, small):
    whole = small_backbone(small, name=name)
    batch = torch.from_numpy(whole.example(2))
    for stop in sorted(
        {1, len(whole.stages) - 1} & {*range(1, len(whole.stages))}
    ):  # one of one stage has nothing to cut
        part = cut(whole, stop)
        features = part(batch)
        assert part.stages == (*whole.stages[:stop], "average")
        assert features.shape == (2, part.feature_dim)
        torch.testing.assert_close(features.double(), by_hand(whole, batch, stop), rtol=1e-4, atol=1e-6)
        kept = dict(part.network.named_parameters())
        assert sum(value.numel() for value in kept.values()) == part.card.parameters
        assert len(part.network.state_dict()) <= len(whole.network.state_dict())
        again = build_from(part.card, part.network.state_dict(), part.assets)
        assert torch.equal(again(batch), features)
        assert set(again.network.state_dict()) == set(part.network.state_dict())
        assert again.weights_digest(stop) == whole.weights_digest(stop) == part.weights_digest(stop)


def test_its_card_says_what_is_left():
    card = small_card(TINY)
    part = cut_card(card, "layer2")
    assert (part.name, part.whole_name, part.cut) == (f"{card.name}@layer2", card.name, "layer2")
    assert part.stages == ("stem", "layer1", "layer2", "average") and part.feature_dim == 4
    assert 0 < part.parameters < card.parameters and 0 < part.flops < card.flops
    assert part.size_mib <= card.size_mib
    assert cut_card(card, len(card.stages)) is card and cut_card(card, 3) == part
    assert card.whole_name == card.name


@pytest.mark.parametrize(("stage", "said"), [("layer9", "Did you mean 'layer"), (0, "must be 1 to 6"), (7, "got 7")])
def test_a_stage_that_is_not_there_is_told_with_those_that_are(stage, said):
    with pytest.raises(ConfigError, match=said):
        boundary_after(small_card(TINY), stage)


def test_padded_positions_do_not_count():
    values = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert averaged(values, torch.tensor([[True, True, False]]), is_map=False).item() == 2.0
    assert averaged(values, None, is_map=False).item() == pytest.approx(104 / 3)
    maps = torch.arange(8.0).reshape(1, 2, 2, 2)  # two channels: 0 to 3, and 4 to 7
    assert averaged(maps, None, is_map=True).tolist() == [[1.5, 5.5]]
