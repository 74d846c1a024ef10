"""LoRA: every trained layer keeps its weight and learns a correction of low rank beside it.

Hu et al., ICLR 2022, arXiv:2106.09685; of a convolution the kernel is taken as a matrix of output channels by all else.
The scale is that of rank stabilisation, alpha by the root of the rank (Kalajdzievski, 2023, arXiv:2312.03732).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from headstart.core.plugins import Plugin
from headstart.core.search import Choice, Space
from headstart.core.training import Model, ParamGroup, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.reparametrised import added_groups, linear_layers, merge, reparametrise, trained_layers
from headstart.methods.training.settings import TrainConfig, changed


class LoraConfig(TrainConfig):
    """New parameters learn faster than pretrained ones would."""

    space: ClassVar[Space] = {**TrainConfig.space, "rank": Choice((4, 8, 16))}

    weight_decay: float = changed("weight_decay", 0.0)
    rank: int = Field(8, ge=1, description="Of the corrections.")
    alpha: float = Field(8.0, gt=0, description="Their scale is alpha by the root of the rank.")


class LowRank(nn.Module):
    """``weight + scale * B @ A``; B begins at zero, so nothing changes at first."""

    def __init__(self, weight: Tensor, rank: int, alpha: float) -> None:
        super().__init__()
        rows, columns = weight.shape[0], weight[0].numel()
        rank = min(rank, rows, columns)
        self.down = nn.Parameter(torch.empty(rank, columns, dtype=weight.dtype))
        self.up = nn.Parameter(torch.zeros(rows, rank, dtype=weight.dtype))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))
        self.scale = alpha / math.sqrt(rank)

    def forward(self, weight: Tensor) -> Tensor:
        """The corrected weight."""
        return weight + (self.scale * (self.up @ self.down)).view_as(weight)


class Lora(Training):
    """Corrections of every linear layer and convolution above the boundary, and the head."""

    lr_scale: ClassVar[float] = 5.0

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """The probe's head, and corrections that are zero."""
        super().prepare(model, ctx)
        for module in list(trained_layers(model, linear_layers())):
            if not hasattr(module, "parametrizations"):  # a layer that is normalised by a parametrisation of its own
                made = LowRank(module.weight, self.config.rank, self.config.alpha)
                reparametrise(module, "weight", made)

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Head and corrections."""
        return added_groups(model, (LowRank,), self.config.head_lr_scale)

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Merge."""
        return {"merged": merge(model, (LowRank,))}


PLUGIN = Plugin(
    build=Lora,
    title="LoRA",
    config=LoraConfig,
    kind="train",
    paper="arXiv:2106.09685",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
