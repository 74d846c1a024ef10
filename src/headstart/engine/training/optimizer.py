"""The optimizer over a method's groups, with state by parameter name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from headstart.core.errors import ConfigError
from headstart.core.training import ParamGroup

MOMENTUM = 0.9


def make_optimizer(
    groups: Sequence[ParamGroup], kind: str, weight_decay: float, before: torch.optim.Optimizer | None = None
) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter, ICLR 2019, arXiv:1711.05101) or SGD with momentum.

    Args:
        groups: What is trained, each parameter once.
        kind: "adamw" or "sgd".
        weight_decay: Of the groups that decay.
        before: Whose state is kept for parameters that stay.
    """
    found = [parameter for group in groups for parameter in group.parameters]
    if len({id(parameter) for parameter in found}) < len(found):
        raise ConfigError("a parameter must be in one group; a method put some into several. Correct param_groups.")
    settings: list[dict[str, Any]] = [
        {
            "params": list(group.parameters),
            "lr_scale": group.lr_scale,
            "name": group.name,
            "weight_decay": weight_decay if group.decays else 0.0,
        }
        for group in groups
    ]
    optimizer: torch.optim.Optimizer
    if kind == "sgd":
        optimizer = torch.optim.SGD(settings, lr=0.0, momentum=MOMENTUM)
    else:
        optimizer = torch.optim.AdamW(settings, lr=0.0, fused=True)  # a third of the time on processors
    if before is not None:
        for parameter in found:
            if parameter in before.state:
                optimizer.state[parameter] = before.state[parameter]
    return optimizer


def set_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """The learning rate of every group, by its scale."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["lr_scale"]


def state_tensors(optimizer: torch.optim.Optimizer, names: Mapping[int, str]) -> dict[str, Tensor]:
    """The optimizer's state as ``{"parameter name|key": tensor}``; ``names`` by ``id`` of the parameter.

    A tensor is a scalar (steps) or has the parameter's shape.
    """
    return {
        f"{names[id(parameter)]}|{key}": value
        for parameter, state in optimizer.state.items()
        for key, value in state.items()
        if isinstance(value, Tensor)
    }


def load_state_tensors(
    optimizer: torch.optim.Optimizer, parameters: Mapping[str, nn.Parameter], tensors: Mapping[str, Tensor]
) -> None:
    """Take back what :func:`state_tensors` gave, in the same shapes."""
    optimizer.state.clear()
    for place, value in tensors.items():
        name, _, key = place.rpartition("|")
        parameter = parameters[name]
        optimizer.state[parameter][key] = laid_out_like(parameter, value) if value.ndim else value.clone()


def laid_out_like(parameter: Tensor, value: Tensor) -> Tensor:
    """A copy of ``value`` in the parameter's shape and memory layout: the fused step reads both as they lie there."""
    return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value.view(parameter.shape))
