r"""Units go first that the others can stand in for, once the reader is solved again: a surgeon's step for blocks.

With :math:`H` the mean product of two columns of what the reader sees and :math:`W` its weights, taking the columns
:math:`u` away and solving for the others costs

.. math:: \sum_c s_c\, W_{cu} \left([H^{-1}]_{uu}\right)^{-1} W_{cu}^\top

where :math:`s_c` says how much the features move with output c. After each step both are brought up to date.

Hassibi & Stork, NIPS 1992; of whole units Kurtic, Frantar & Alistarh, NeurIPS 2023, arXiv:2302.04089
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from headstart.compression.pruning.recovery import NOTHING
from headstart.compression.pruning.scores.elimination import Elimination
from headstart.compression.pruning.seen import Seen
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class ReconstructionConfig(Config):
    """How exact it is."""

    ridge: float = Field(1e-3, gt=0, description="Added to the mean products, of their mean diagonal. Default: ours.")
    steps: int = Field(
        72, gt=0, description="In which a group goes: units of a step are chosen at once. Default: ours."
    )


class Reconstruction:
    """Of what the reader sees, its weights and how much each output counts."""

    def __init__(self, config: ReconstructionConfig) -> None:
        self.config = config

    def eliminate(self, seen: Seen) -> Elimination:
        """Step by step, until nothing is left."""
        group, weight = seen.group, seen.weight
        gram = seen.gram.clone()
        gram.diagonal().add_(self.config.ridge * gram.diagonal().mean() + NOTHING)
        inverse = torch.linalg.inv(gram)
        left = torch.arange(group.units)
        order: list[Tensor] = []
        losses: list[Tensor] = []
        lost = torch.zeros((), dtype=torch.float64)
        at_once = max(1, -(-group.units // self.config.steps))
        while len(left):
            costs = _costs(weight, inverse, group.columns, seen.sensitivity)
            stays = torch.ones(len(left), dtype=torch.bool)
            chosen = costs.argsort(stable=True)[:at_once]
            stays[chosen] = False
            order.append(left[chosen])
            losses.append(lost + costs[chosen].cumsum(0))
            lost = losses[-1][-1]
            left = left[stays]
            weight, inverse = _without(weight, inverse, stays.repeat_interleave(group.columns))
        return Elimination(torch.cat(order), torch.cat(losses))


def _costs(weight: Tensor, inverse: Tensor, width: int, sensitivity: Tensor) -> Tensor:
    """``(left,)`` of units of ``width`` columns each."""
    if width == 1:
        return (sensitivity @ weight.square()) / inverse.diagonal()
    left = weight.shape[1] // width
    parts = weight.reshape(-1, left, width).transpose(0, 1)  # (left, out, width)
    blocks = inverse.reshape(left, width, left, width).diagonal(0, 0, 2).permute(2, 0, 1)
    solved = torch.linalg.solve(blocks, parts.transpose(1, 2)).transpose(1, 2)
    found: Tensor = (sensitivity[None, :, None] * parts * solved).sum((1, 2)).clamp_min(0)
    return found


def _without(weight: Tensor, inverse: Tensor, stays: Tensor) -> tuple[Tensor, Tensor]:
    """Weights solved again without the columns that go, and the inverse without them."""
    gone, stay = torch.nonzero(~stays)[:, 0], torch.nonzero(stays)[:, 0]
    cross = inverse[gone][:, stay]  # (gone, stay)
    solved = torch.linalg.solve(inverse[gone][:, gone], cross)
    return weight[:, stay] - weight[:, gone] @ solved, inverse[stay][:, stay] - cross.T @ solved


PLUGIN = Plugin(build=Reconstruction, config=ReconstructionConfig, paper="arXiv:2302.04089")
