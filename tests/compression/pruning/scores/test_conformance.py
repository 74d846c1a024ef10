"""What every score must do."""

from __future__ import annotations

import pytest
import torch

from headstart.compression.pruning.groups import interior_groups
from headstart.compression.pruning.pruned import SCORES
from headstart.compression.pruning.seen import seen_by
from headstart.core import plugins
from prunable_networks import KINDS, batches_of, network_of

pytest.importorskip("torch_pruning")


@pytest.fixture(scope="module", params=KINDS)
def seen(request):
    """Of the first two groups; of each the second unit is not read at all."""
    backbone = network_of(request.param)
    groups = interior_groups(backbone)[:2]
    for group in groups:
        with torch.no_grad():
            backbone.network.get_submodule(group.reader).weight.flatten(1)[:, group.columns : 2 * group.columns] = 0
    return seen_by(backbone, groups, batches_of(backbone))


@pytest.fixture(params=plugins.names(SCORES))
def score(request):
    plugin = plugins.load(SCORES, request.param)
    return plugin.build(plugin.config())


def test_every_unit_goes_once_and_nothing_is_won_by_it(score, seen):
    for each in seen:
        found = score.eliminate(each)
        assert sorted(found.order.tolist()) == list(range(each.group.units))
        assert found.losses.isfinite().all() and (found.losses.diff() >= -1e-9).all() and found.losses[0] >= -1e-9


def test_the_same_again_is_the_same(score, seen):
    one, two = (score.eliminate(seen[0]) for _ in range(2))
    assert torch.equal(one.order, two.order) and torch.equal(one.losses, two.losses)


@pytest.mark.parametrize("name", ["taylor", "reconstruction"])
def test_what_nobody_reads_goes_first_and_costs_nothing(name, seen):
    plugin = plugins.load(SCORES, name)
    for each in seen:
        found = plugin.build(plugin.config()).eliminate(each)
        by_then = found.losses[found.order.tolist().index(1)]  # others may be dead, too
        assert abs(by_then) <= 1e-9 * max(1.0, float(found.losses[-1]))
