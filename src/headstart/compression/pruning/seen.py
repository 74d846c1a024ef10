"""What one pass over kept inputs tells of each group, from which scores say which units are missed least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from headstart.compression.pruning.observing import rows_in, rows_out, watching

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.pruning.groups import Group


@dataclass(frozen=True)
class Seen:
    """Of one group, in float64.

    Attributes:
        group: Its units.
        weight: ``(out, columns)`` of its reader.
        gram: ``(columns, columns)``: mean over rows of products of two columns of the reader's input.
        sensitivity: ``(out,)``: how much the network's features move, in squares of their spread, for a square of a
            unit change of each output at one position.
        effects: ``(units,)``: the square by which the features move, to first order, if a unit is 0 everywhere.
        norms: ``(units,)``: squares of the weights of the layers that make a unit, summed.
    """

    group: Group
    weight: Tensor
    gram: Tensor
    sensitivity: Tensor
    effects: Tensor
    norms: Tensor


def seen_by(backbone: Backbone, groups: Sequence[Group], batches: Sequence[Any], seed: int = 0) -> list[Seen]:
    """One pass forward and one back, of random directions of the standardised features.

    A squared product with a random direction is, on average, the squared length: so one gradient tells how much the
    features move, without a label. The distance of the network to itself has no gradient of its own.

    Args:
        backbone: As it is, in eval mode.
        groups: Of it.
        batches: Prepared inputs ``(B, ...)`` each.
        seed: Of the directions.
    """
    takers = {group.reader: _Taker(backbone.network.get_submodule(group.reader), group) for group in groups}
    generator = torch.Generator().manual_seed(seed)
    spread = _spread(backbone, batches)
    first: Any = backbone.network.get_submodule(groups[0].makers[0]).weight
    was = first.requires_grad
    first.requires_grad_(True)  # so that all that follows has gradients
    try:
        for batch in batches:
            boundary = backbone.enter(torch.from_numpy(batch))

            def taken(name: str, given: Tensor, output: Tensor) -> None:
                takers[name].hold(given, output)

            with watching(backbone.network, list(takers), taken):
                features = backbone.run(boundary, 0, len(backbone.stages)).values
            directions = torch.randn(features.shape, generator=generator) / spread
            (features * directions).sum().backward()  # type: ignore[no-untyped-call]  # of torch
            for taker in takers.values():
                taker.take(boundary.mask)
    finally:
        first.requires_grad_(was)
        first.grad = None
    return [takers[group.reader].seen(backbone.network) for group in groups]


def _spread(backbone: Backbone, batches: Sequence[Any]) -> Tensor:
    with torch.no_grad():
        features = torch.cat([backbone(torch.from_numpy(batch)) for batch in batches])
    spread = features.std(0, correction=0)
    return spread.clamp_min(0.1 * float(spread.mean()) + torch.finfo(torch.float32).tiny)


class _Taker:
    """Sums of one group over batches."""

    def __init__(self, reader: nn.Module, group: Group) -> None:
        self.reader, self.group = reader, group
        self.rows = self.inputs = 0
        self.gram: Any = 0.0
        self.sensitivity: Any = 0.0
        self.effects: Any = 0.0

    def hold(self, given: Tensor, output: Tensor) -> None:
        given.retain_grad()
        output.retain_grad()
        self.given, self.output = given, output

    def take(self, mask: Tensor | None) -> None:
        assert self.given.grad is not None and self.output.grad is not None  # noqa: S101 - both were asked to be kept
        with torch.no_grad():
            inputs = rows_in(self.reader, self.given, mask).double()
            moved = rows_out(self.reader, self.output.grad, mask).double()
            products = (self.given * self.given.grad).double()
            is_map = isinstance(self.reader, nn.Conv2d)
            by_channel = products.flatten(2).sum(2) if is_map else products.flatten(1, -2).sum(1)  # (B, C)
            self.gram = self.gram + inputs.T @ inputs
            self.sensitivity = self.sensitivity + moved.square().sum(0)
            by_unit = by_channel.reshape(len(by_channel), self.group.units, self.group.width).sum(2)
            self.effects = self.effects + by_unit.square().sum(0)
            self.rows += len(inputs)
            self.inputs += len(by_unit)
        self.positions = self.output[:, 0].numel() if is_map else self.output[..., 0].numel()
        self.positions //= len(self.output)
        del self.given, self.output

    def seen(self, network: nn.Module) -> Seen:
        weight = self.reader.weight.detach().flatten(1).double()  # type: ignore[operator]  # of a layer
        return Seen(
            self.group, weight, self.gram / self.rows, self.positions * self.sensitivity / self.rows,
            self.effects / self.inputs, _norms(network, self.group),
        )  # fmt: skip


def _norms(network: nn.Module, group: Group) -> Tensor:
    found = torch.zeros(group.units, dtype=torch.float64)
    for place in group.makers:
        module: Any = network.get_submodule(place)
        if isinstance(module, nn.Linear | nn.Conv2d):
            weight = module.weight.detach().double().reshape(group.units, -1)
            found += weight.square().sum(1) / weight.square().mean()
    return found
