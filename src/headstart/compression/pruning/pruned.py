"""A network without the units that are missed least, its readers solved again stage by stage."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from headstart.compression.pruning.costs import costs_of
from headstart.compression.pruning.cutting import that_narrow, without
from headstart.compression.pruning.groups import interior_groups
from headstart.compression.pruning.observing import entered, inputs_of, outputs_of
from headstart.compression.pruning.recovery import solved_again
from headstart.compression.pruning.scores.elimination import Elimination
from headstart.compression.pruning.seen import seen_by
from headstart.compression.pruning.sharing import shared_out
from headstart.core import plugins
from headstart.core.errors import BackendError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.pruning.groups import Group
    from headstart.core.boundary import Boundary


SCORES, DEFAULT = "compression.pruning.scores", "reconstruction"


def pruned(
    backbone: Backbone, batches: Sequence[Any], shares: Sequence[float], score: str = DEFAULT
) -> Iterator[tuple[float, Backbone]]:
    """Shares and networks, one after another, each made when it is asked for; a share that takes nothing is left out.

    Args:
        backbone: In eval mode; it stays as it is.
        batches: Prepared inputs ``(B, ...)`` each, some 64 in all: nothing else is looked at, no label.
        shares: Of what inner channels cost on paper that may be left, descending.
        score: File of ``scores``.

    Raises:
        MissingExtraError: torch-pruning is not installed.
        BackendError: the network has no units that only the inside of a block sees, or cannot be traced.
    """
    groups = that_narrow(backbone, interior_groups(backbone))
    if not groups:
        raise BackendError(
            f"{backbone.name} cannot be pruned: it has no channels that only the inside of a block sees."
        )
    plugin = plugins.load(SCORES, score)
    chooser = plugin.build(plugin.config())
    eliminations = [chooser.eliminate(seen) for seen in seen_by(backbone, groups, batches)]
    costs = costs_of(backbone, groups, batches[0][:1])
    widths = [group.width for group in groups]
    before = [group.units for group in groups]
    for share, counts in zip(shares, shared_out(eliminations, costs, widths, shares), strict=True):
        if counts == before:
            continue  # units go several at once, and of few none does
        before = counts
        kept = [_kept(*each) for each in zip(eliminations, counts, strict=True)]
        yield share, without(recovered(backbone, groups, kept, batches), groups, kept)


def _kept(elimination: Elimination, count: int) -> Tensor:
    """``(units,)`` bool."""
    found = torch.zeros(len(elimination.order), dtype=torch.bool)
    found[elimination.order[len(elimination.order) - count :]] = True
    return found


def recovered(backbone: Backbone, groups: Sequence[Group], kept: Sequence[Tensor], batches: Sequence[Any]) -> Backbone:
    """A copy whose readers do not read what goes, and give what they gave, as far as that can be.

    Stage after stage, reader after reader: each is solved on what it sees behind those that were solved before it,
    for what the whole network gave.

    Args:
        backbone: As it is, in eval mode.
        groups: Of it, in order.
        kept: ``(units,)`` bool of each.
        batches: Prepared inputs ``(B, ...)`` each.
    """
    found = copy.deepcopy(backbone)
    whole: list[Boundary] = entered(backbone, batches)
    ours = whole
    last = max(group.stage for group in groups)
    for stage in range(last + 1):
        here = [number for number, group in enumerate(groups) if group.stage == stage]
        wanted, whole = outputs_of(backbone, whole, stage, [groups[number].reader for number in here])
        for number in here:
            reader: Any = found.network.get_submodule(groups[number].reader)
            seen = inputs_of(found, ours, stage, groups[number].reader)
            _solve(reader, seen, wanted[groups[number].reader], columns_of(groups[number], kept[number]))
        if stage < last:
            _, ours = outputs_of(found, ours, stage, [])
    return found


def columns_of(group: Group, kept: Tensor) -> Tensor:
    """``(columns,)`` bool of the reader's weights."""
    return kept.repeat_interleave(group.columns)


def _solve(reader: nn.Module, seen: Tensor, wanted: Tensor, kept: Tensor) -> None:
    """Put weights, and a bias where there is one, that give ``wanted``."""
    weight: Any = reader.weight
    bias: Any = reader.bias
    with torch.no_grad():
        if bias is None:
            solved = solved_again(seen, wanted, kept, weight.flatten(1))
        else:
            mean_in, mean_out = seen.mean(0), wanted.mean(0)
            solved = solved_again(seen - mean_in, wanted - mean_out, kept, weight.flatten(1))
            bias.copy_(mean_out - solved @ mean_in)
        weight.copy_(solved.reshape(weight.shape))
