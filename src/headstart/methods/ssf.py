"""SSF: every trained layer keeps its weight and learns to scale and shift its output.

Lian, Zhou, Feng & Wang, NeurIPS 2022, arXiv:2210.08823. Scale and shift of a layer's output are a scale of its
weight's rows and a scale and shift of its bias, so they cost nothing once merged. A layer without a bias is only
scaled; the norm that follows it shifts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.core.plugins import Plugin
from headstart.core.training import Model, ParamGroup, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.reparametrised import (
    added_groups,
    linear_layers,
    merge,
    output_axis,
    reparametrise,
    trained_layers,
)
from headstart.methods.training.settings import TrainConfig, changed

NORMS = (nn.LayerNorm, nn.GroupNorm, _BatchNorm)


class SsfConfig(TrainConfig):
    """Scales and shifts learn faster than pretrained weights would; decay would draw scales to zero, not to one."""

    weight_decay: float = changed("weight_decay", 0.0)


class Scale(nn.Module):
    """A weight with its output channels scaled, from one."""

    def __init__(self, weight: Tensor, axis: int = 0) -> None:
        super().__init__()
        self.axis = axis
        self.scale = nn.Parameter(torch.ones(weight.shape[axis]))

    def forward(self, weight: Tensor) -> Tensor:
        """Scaled."""
        return weight * self.scale.view([-1 if axis == self.axis else 1 for axis in range(weight.ndim)])


class ScaleAndShift(nn.Module):
    """A bias ``(C,)`` scaled like its weight and shifted, from zero."""

    def __init__(self, scale: nn.Parameter) -> None:
        super().__init__()
        self.scale = scale
        self.shift = nn.Parameter(torch.zeros_like(scale.detach()))

    def forward(self, bias: Tensor) -> Tensor:
        """Scaled and shifted."""
        return bias * self.scale + self.shift


MADE = (Scale, ScaleAndShift)


class Ssf(Training):
    """Scales and shifts of every linear layer, convolution and norm above the boundary, and the head."""

    lr_scale: ClassVar[float] = 8.0

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """The probe's head, scales of one, shifts of zero."""
        super().prepare(model, ctx)
        for module in list(trained_layers(model, (*linear_layers(), *NORMS))):
            if hasattr(module, "parametrizations"):  # a layer that is normalised by a parametrisation of its own
                continue
            scale = Scale(module.weight, output_axis(module))
            bias = getattr(module, "bias", None)
            reparametrise(module, "weight", scale)
            if bias is not None:
                reparametrise(module, "bias", ScaleAndShift(scale.scale))

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Head, scales and shifts."""
        return added_groups(model, MADE, self.config.head_lr_scale)

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Merge."""
        return {"merged": merge(model, MADE)}


PLUGIN = Plugin(
    build=Ssf,
    title="SSF",
    config=SsfConfig,
    kind="train",
    paper="arXiv:2210.08823",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
