"""What a unit costs on paper: a share of a network's time before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.pruning.groups import Group

PRODUCTS = 100.0  # multiply-adds that take the time of one value written: measured in bfloat16 tiles, a convolution


def costs_of(backbone: Backbone, groups: Sequence[Group], one: Any) -> list[float]:
    """Of one unit of each group, for one input: values written for it, and its multiply-adds by PRODUCTS.

    Early layers of a network for pictures write most of all values, late ones hold most of all weights.

    Args:
        backbone: In eval mode.
        groups: Of it.
        one: Prepared input ``(1, ...)``.
    """
    layers = {place for group in groups for place in (*group.makers, group.reader)}
    positions: dict[str, int] = {}
    handles = []
    for place in layers:

        def hook(_module: nn.Module, _given: Any, output: Tensor, place: str = place) -> None:
            positions[place] = output[0, 0].numel() if output.ndim == 4 else output[0, ..., 0].numel()

        handles.append(backbone.network.get_submodule(place).register_forward_hook(hook))
    try:
        with torch.no_grad():
            backbone(torch.from_numpy(one))
    finally:
        for handle in handles:
            handle.remove()
    return [_of_unit(backbone.network, group, positions) for group in groups]


def _of_unit(network: nn.Module, group: Group, positions: dict[str, int]) -> float:
    found = 0.0
    for place in group.makers:
        module: Any = network.get_submodule(place)
        if isinstance(module, nn.Linear | nn.Conv2d):
            found += positions[place] * group.width * (1 + module.weight[0].numel() / PRODUCTS)
    reader: Any = network.get_submodule(group.reader)
    return found + positions[group.reader] * group.columns * len(reader.weight) / PRODUCTS
