"""Units taken out of a network's tensors: what made them and the columns that read them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from headstart.backbones.pretrained.narrowed import narrowed
from headstart.core.errors import BackendError, ShapeError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.pruning.groups import Group

SAME = 1e-3  # of the largest feature: sums of fewer terms are rounded otherwise


def without(backbone: Backbone, groups: Sequence[Group], kept: Sequence[Tensor]) -> Backbone:
    """The network with narrower layers.

    Args:
        backbone: Whose readers have weights of 0 for what goes; it stays as it is.
        groups: Of it.
        kept: ``(units,)`` bool of each.

    Raises:
        BackendError: the narrow network says something else, so that the units do not go together as was thought.
    """
    before = backbone.network.state_dict()
    tensors: dict[str, Tensor] = {}
    for group, units in zip(groups, kept, strict=True):
        channels = units.repeat_interleave(group.width)
        for place in group.makers:
            for name in ("weight", "bias", "running_mean", "running_var"):
                if (key := f"{place}.{name}") in before:  # which may be a reader, too
                    tensors[key] = tensors.get(key, before[key])[channels].clone()
        name = f"{group.reader}.weight"
        tensors[name] = tensors.get(name, before[name])[:, channels].clone()
    try:
        made = narrowed(backbone, tensors)
    except ShapeError as error:
        raise BackendError(f"{backbone.name} cannot be pruned: {error}") from error
    example = torch.from_numpy(backbone.example(2))
    with torch.no_grad():
        ours, theirs = made(example), backbone(example)
    if not bool((ours - theirs).abs().max() <= SAME * theirs.abs().max()):
        raise BackendError(
            f"{backbone.name} cannot be pruned: without unread channels it must say what it said with them."
        )
    return made


def that_narrow(backbone: Backbone, groups: Sequence[Group]) -> list[Group]:
    """Those whose units can be taken away: some networks have the width of their attention written in their code.

    Args:
        backbone: In eval mode; it stays as it is.
        groups: Of it.
    """
    for some in (list(groups), [group for group in groups if group.width == 1]):
        if some and _narrows(backbone, some):
            return some
    return [group for group in groups if _narrows(backbone, [group])]


def _narrows(backbone: Backbone, groups: Sequence[Group]) -> bool:
    """Tried: the first unit of each is not read, and taken away."""
    silent = copy.deepcopy(backbone)
    kept = [torch.arange(group.units) > 0 for group in groups]
    for group, units in zip(groups, kept, strict=True):
        unread(silent, group, units)
    try:
        without(silent, groups, kept)
    except BackendError:
        return False
    return True


def unread(backbone: Backbone, group: Group, kept: Tensor) -> None:
    """Weights of 0 for the units of a group that are not kept; the network is changed."""
    weight = backbone.network.get_submodule(group.reader).weight
    assert isinstance(weight, Tensor)  # noqa: S101 - of a layer
    with torch.no_grad():
        weight.flatten(1)[:, ~kept.repeat_interleave(group.columns)] = 0
