"""What holds for the stages of every family; a new file in families/ is tested here before its author writes a test."""

from __future__ import annotations

import copy
import warnings

import pytest
import torch

from backbones.helpers_backbones import pictures, small_backbone
from headstart.backbones.pretrained.family import ROOM, family, find_family
from headstart.backbones.pretrained.stage import own_features
from headstart.core import plugins
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError, StageError

MEMBERS = [(name, small) for name in plugins.names(ROOM) for small in family(name).small]
IDS = [f"{name}-{number}-{small.architecture}" for number, (name, small) in enumerate(MEMBERS)]


@pytest.fixture(params=MEMBERS, ids=IDS, scope="module")
def member(request):
    """A small member of a family, built once, and two pictures of its size; what changes it works on a copy."""
    name, small = request.param
    return name, small_backbone(small), pictures(2, small.image_size)


@pytest.fixture
def copied(member):
    """The same, free to be changed."""
    name, backbone, batch = member
    return name, copy.deepcopy(backbone), batch


def test_every_family_names_small_members():
    assert {name for name, _ in MEMBERS} == set(plugins.names(ROOM))


@torch.inference_mode()
def test_all_stages_equal_the_networks_own_features(member):
    _, backbone, batch = member
    features = backbone.run(Boundary(batch), 0, len(backbone.stages)).values
    assert torch.equal(features, own_features(backbone.network, batch))
    assert features.shape == (2, backbone.feature_dim) and features.isfinite().all()
    assert torch.equal(backbone(batch), features)


@torch.inference_mode()
def test_stopping_at_any_boundary_and_going_on_changes_no_bit(member):
    _, backbone, batch = member
    end = len(backbone.stages)
    whole = backbone.run(Boundary(batch), 0, end).values
    for stop in range(end + 1):
        kept = backbone.run(Boundary(batch), 0, stop)
        before = kept.values.clone()
        assert torch.equal(backbone.run(kept, stop, end).values, whole), f"boundary {stop}"
        assert torch.equal(kept.values, before), f"boundary {stop} was changed by running on"
        assert kept.values.shape[0] == 2  # batch-first


def test_every_tensor_belongs_to_exactly_one_stage(member):
    _, backbone, _ = member
    owned = [name for stage in backbone._stages for name, _ in stage.tensors(backbone.network)]
    tensors = [name for name, _ in [*backbone.network.named_parameters(), *backbone.network.named_buffers()]]
    assert sorted(owned) == sorted(tensors)
    assert len(set(backbone.stages)) == len(backbone.stages)


@torch.inference_mode()
def test_a_stage_reads_only_what_it_owns(member, copied):
    """In a network where every other tensor is NaN, a stage computes the same."""
    _, backbone, batch = member
    _, hollow, _ = copied
    for value in hollow.state_dict().values():
        if value.is_floating_point():
            value.fill_(float("nan"))
    boundary = Boundary(batch)
    for number, stage in enumerate(backbone._stages):
        own, theirs = dict(stage.tensors(backbone.network)), dict(stage.tensors(hollow.network))
        for name, value in own.items():
            theirs[name].copy_(value)
        expected = backbone.run(boundary, number, number + 1)
        assert torch.equal(hollow.run(boundary, number, number + 1).values, expected.values), stage.name
        for value in theirs.values():
            if value.is_floating_point():
                value.fill_(float("nan"))
        boundary = expected


def test_running_in_either_mode_leaves_the_mode_alone(copied):
    _, backbone, batch = copied
    for mode in (False, True):
        backbone.train(mode)
        modes = [module.training for module in backbone.modules()]
        backbone.run(Boundary(batch), 0, len(backbone.stages))
        assert [module.training for module in backbone.modules()] == modes == [mode] * len(modes)


def test_parameters_by_stage_get_gradients_from_their_stage_on(copied):
    _, backbone, batch = copied
    end = len(backbone.stages)
    assert len(backbone.parameters_of(0, end)) == len(list(backbone.parameters()))
    backbone(batch).square().sum().backward()
    assert any(parameter.grad is not None for parameter in backbone.parameters_of(0, end))


def test_the_family_is_found_from_the_network(member):
    name, backbone, _ = member
    assert find_family(backbone.network, backbone.card.architecture) == name == backbone.card.family


def test_the_digest_of_a_prefix_depends_on_that_prefix_alone(copied):
    _, backbone, _ = copied
    end = len(backbone.stages)
    changed = max(number for number in range(end) if backbone.parameters_of(number, number + 1))
    before = [backbone.weights_digest(stop) for stop in (changed, changed + 1, end)]
    assert before[0] == backbone.weights_digest(changed) != before[1]
    with torch.no_grad():
        backbone.parameters_of(changed, changed + 1)[0].view(-1)[0] += 1e-3
    after = [backbone.weights_digest(stop) for stop in (changed, changed + 1, end)]
    assert after[0] == before[0] and after[1] != before[1] and after[2] != before[2]


def test_every_boundary_has_a_digest_of_its_own():
    backbone = small_backbone()
    assert len({backbone.weights_digest(stop) for stop in range(7)}) == 7


def test_the_digest_sees_buffers_too():
    backbone = small_backbone()
    before = backbone.weights_digest(1)
    backbone.network.bn1.running_mean[0] += 1
    assert backbone.weights_digest(1) != before


def test_the_digest_sees_options_that_are_in_no_tensor():
    backbone = small_backbone()
    before = backbone.weights_digest(1)
    backbone.card = backbone.card.model_copy(update={"options": {**backbone.card.options, "output_stride": 16}})
    assert backbone.weights_digest(1) != before


def test_running_no_stage_returns_the_boundary_itself():
    backbone = small_backbone()
    boundary = Boundary(pictures(1), extras={"kept": 1})
    assert backbone.run(boundary, 0, 0) is boundary
    assert backbone.run(boundary, 0, 2).extras == {"kept": 1}


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 7), (7, 7)])
def test_boundaries_outside_the_stages_are_a_stage_error(start, stop):
    with pytest.raises(StageError, match="must be 0 to 6.*'layer3'"):
        small_backbone().run(Boundary(pictures(1)), start, stop)


def test_running_backwards_is_a_stage_error():
    with pytest.raises(StageError, match="must go forward; got start 3 and stop 1"):
        small_backbone().run(Boundary(pictures(1)), 3, 1)


def test_a_named_stage_includes_itself_and_a_number_counts_stages():
    backbone = small_backbone()
    assert backbone.stages == ("stem", "layer1", "layer2", "layer3", "layer4", "pool")
    assert backbone.stage_index("layer3") == 4 and backbone.stages[: backbone.stage_index("layer3")][-1] == "layer3"
    assert backbone.stage_index(3) == 3
    with pytest.raises(StageError, match="Did you mean 'layer3'"):
        backbone.stage_index("layer_3")
    with pytest.raises(StageError, match="must be 0 to 6; got 9"):
        backbone.stage_index(9)


def test_pictures_must_have_three_channels_first():
    with pytest.raises(ShapeError, match=r"must be pictures \(B, 3, H, W\); got \(1, 32, 32, 3\)"):
        small_backbone().run(Boundary(torch.zeros(1, 32, 32, 3)), 0, 1)


def test_a_backbone_traces_as_a_module():
    backbone = small_backbone()
    batch = pictures(2)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # torch announces that tracing will be replaced; runtimes still build on it
        traced = torch.jit.trace(backbone, batch)
        assert torch.equal(traced(batch), backbone(batch))


def test_a_network_that_replaces_the_standard_features_is_one_stage():
    class Unusual(type(small_backbone().network)):
        def forward_features(self, x):
            return super().forward_features(x) * 2

    network = small_backbone().network
    network.__class__ = Unusual
    assert find_family(network, "resnet18") == "single"
