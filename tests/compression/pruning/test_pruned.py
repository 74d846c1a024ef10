"""Networks without some of their units: features stay near, the nearer the more is left, and bundles hold them."""

from __future__ import annotations

import copy

import pytest
import torch

from headstart.backbones.pretrained.load import build_from
from headstart.compression.pruning.cutting import unread, without
from headstart.compression.pruning.groups import interior_groups
from headstart.compression.pruning.pruned import pruned, recovered
from headstart.core.errors import BackendError
from prunable_networks import KINDS, batches_of, network_of

pytest.importorskip("torch_pruning")


@pytest.fixture(scope="module", params=KINDS)
def case(request):
    backbone = network_of(request.param)
    batches = batches_of(backbone)
    return backbone, batches, dict(pruned(backbone, batches, (1.0, 0.6, 0.6)))


def features(backbone, batches):
    with torch.no_grad():
        return torch.cat([backbone(torch.from_numpy(batch)) for batch in batches])


def test_with_all_left_it_is_the_same_network(case):
    backbone, batches, found = case
    assert list(found) == [0.6]  # 1 takes nothing, nor does the same share again
    groups = interior_groups(backbone)
    same = recovered(backbone, groups, [torch.ones(each.units, dtype=torch.bool) for each in groups], batches)
    torch.testing.assert_close(features(same, batches), features(backbone, batches), rtol=1e-3, atol=1e-4)


def test_it_is_smaller_its_boundaries_are_as_wide_and_it_can_be_built_again(case):
    backbone, batches, found = case
    narrow = found[0.6]
    assert narrow.card.parameters < backbone.card.parameters and narrow.card.shapes
    assert narrow.stages == backbone.stages
    values = torch.from_numpy(batches[0])
    with torch.no_grad():
        for number in range(1, len(backbone.stages) + 1):
            ours = narrow.run(narrow.enter(values), 0, number).values
            assert ours.shape == backbone.run(backbone.enter(values), 0, number).values.shape
    again = build_from(narrow.card, narrow.network.state_dict(), narrow.assets).eval()
    assert torch.equal(features(again, batches), features(narrow, batches))


def test_readers_solved_again_keep_features_nearer(case):
    backbone, batches, _ = case
    groups = interior_groups(backbone)
    kept = [torch.arange(each.units) < max(1, each.units // 2) for each in groups]
    before = features(backbone, batches)
    solved = without(recovered(backbone, groups, kept, batches), groups, kept)
    plain = copy.deepcopy(backbone)
    for group, units in zip(groups, kept, strict=True):
        unread(plain, group, units)
    plain = without(plain, groups, kept)
    assert (features(solved, batches) - before).norm() < 0.8 * (features(plain, batches) - before).norm()


def test_running_statistics_do_not_move():
    backbone = network_of("inverted residuals")
    before = {name: value.clone() for name, value in backbone.network.state_dict().items()}
    list(pruned(backbone, batches_of(backbone), (0.5,)))
    assert all(torch.equal(value, before[name]) for name, value in backbone.network.state_dict().items())


def test_a_network_without_such_units_says_so(monkeypatch):
    monkeypatch.setattr("headstart.compression.pruning.pruned.interior_groups", lambda backbone: [])
    with pytest.raises(BackendError, match="has no channels that only the inside"):
        next(pruned(network_of("attention"), [], (0.5,)))
