"""What only the inside of a block sees, in every family: what nothing reads can be taken away."""

from __future__ import annotations

import copy

import pytest
import torch

from backbones.helpers_backbones import small_backbone
from headstart.compression.pruning.cutting import that_narrow, unread, without
from headstart.compression.pruning.groups import interior_groups
from headstart.core import plugins
from headstart.core.errors import BackendError, MissingExtraError
from prunable_networks import network_of

pytest.importorskip("torch_pruning")
FAMILIES = "backbones.pretrained.families"
SOME = ("convnext", "deberta", "efficientnet", "mobilenet", "resnet", "vit")


def first_of(name):
    plugin = plugins.load(FAMILIES, name)
    return small_backbone(plugin.build(plugin.config()).small[0], name=name)


def without_first(backbone, groups):
    """Of each group the first unit is not read, and taken away."""
    silent, kept = copy.deepcopy(backbone), [torch.arange(each.units) > 0 for each in groups]
    for group, units in zip(groups, kept, strict=True):
        unread(silent, group, units)
    return silent, without(silent, groups, kept)


@pytest.mark.parametrize("name", SOME)
def test_units_of_a_group_go_together_in_a_family(name):
    backbone = first_of(name)
    groups = interior_groups(backbone)
    assert groups and groups == sorted(groups, key=lambda each: each.stage)
    silent, narrow = without_first(backbone, groups)
    values = torch.from_numpy(backbone.example(3, seed=1))
    with torch.no_grad():
        torch.testing.assert_close(narrow(values), silent(values), rtol=1e-3, atol=1e-4)
    assert narrow.card.parameters < backbone.card.parameters
    assert narrow.card.feature_dim == backbone.card.feature_dim


def test_an_inverted_residual_gives_its_expanded_channels_and_what_makes_them():
    backbone = network_of("inverted residuals")
    for group in (each for each in interior_groups(backbone) if each.reader.endswith(".conv_pwl")):
        block = group.reader.removesuffix(".conv_pwl")
        assert set(group.makers) == {f"{block}.{part}" for part in ("conv_pw", "bn1", "conv_dw", "bn2")}
        assert group.width == group.columns == 1
        assert group.units == backbone.network.get_submodule(f"{block}.conv_pw").out_channels


def test_a_layer_that_attends_gives_heads_and_neurons():
    heads, neurons = interior_groups(network_of("attention"))[:2]
    assert (heads.units, heads.width, heads.columns) == (2, 8, 8) and len(heads.makers) == 3
    assert (neurons.units, neurons.width, neurons.columns) == (64, 1, 1) and len(neurons.makers) == 1


def test_layers_that_are_shared_are_left_alone():
    assert not interior_groups(first_of("albert"))


def test_heads_stay_where_code_says_how_wide_they_are():
    backbone = first_of("whisper_encoder")
    groups = interior_groups(backbone)
    assert {each.width for each in groups} == {1, 8}
    assert that_narrow(backbone, groups) == [each for each in groups if each.width == 1]


def test_parameters_can_be_trained_as_before():
    backbone = network_of("attention").requires_grad_(False)
    interior_groups(backbone)
    assert not any(each.requires_grad for each in backbone.parameters())


def test_units_that_are_read_cannot_be_taken_away_unnoticed():
    backbone = network_of("inverted residuals")
    groups = interior_groups(backbone)
    with pytest.raises(BackendError, match="must say what it said"):
        without(backbone, groups, [torch.arange(each.units) > each.units // 2 for each in groups])


def test_the_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch_pruning", None)
    with pytest.raises(MissingExtraError, match=r"headstart\[prune\]"):
        interior_groups(network_of("attention"))
