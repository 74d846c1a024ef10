"""Parameters in groups: by stage, with weight decay where it belongs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from headstart.core.training import Model, ParamGroup

if TYPE_CHECKING:
    from torch import nn

HEAD = "head"


def groups_by_stage(model: Model, stage_decay: float = 1.0, head_lr_scale: float = 1.0) -> list[ParamGroup]:
    """Head first, then the trained stages from the last to the first.

    Args:
        model: ``stages[model.boundary:]`` are trained.
        stage_decay: The last stage that has parameters learns at the full rate, each one before it slower by this.
        head_lr_scale: Of the head.
    """
    backbone = model.backbone
    groups = split_by_decay(HEAD, model.head.parameters(), head_lr_scale)
    scale = 1.0
    for number in reversed(range(model.boundary, len(backbone.stages))):
        if parameters := backbone.parameters_of(number, number + 1):
            groups += split_by_decay(backbone.stages[number], parameters, scale)
            scale *= stage_decay
    return groups


def split_by_decay(name: str, parameters: Iterable[nn.Parameter], lr_scale: float) -> list[ParamGroup]:
    """Matrices and kernels, which decay, and vectors (norms, biases), which do not."""
    found = list(parameters)
    weights = [value for value in found if value.ndim > 1]
    vectors = [value for value in found if value.ndim <= 1]
    groups = [ParamGroup(name, weights, lr_scale)] if weights else []
    return groups + ([ParamGroup(f"{name}/vectors", vectors, lr_scale, decays=False)] if vectors else [])
