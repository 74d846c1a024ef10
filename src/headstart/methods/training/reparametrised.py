"""Weights as functions of the pretrained weight and a few new parameters, merged again when the training is done.

One way for linear layers and convolutions, of any library: the module computes with a weight that is made from the
frozen one, so the network's code stays as it is, and after merging it is the pretrained architecture again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError
from headstart.core.training import Model, ParamGroup
from headstart.methods.training.groups import HEAD, split_by_decay

if TYPE_CHECKING:
    from torch import nn


def trained_layers(model: Model, kinds: tuple[type[nn.Module], ...]) -> Iterator[Any]:
    """Layers of some kinds above the boundary, each with a ``weight`` of its own."""
    backbone: Any = model.backbone
    for stage in backbone.stage_list[model.boundary :]:
        owned = {id(value) for _, value in stage.tensors(backbone.network)}
        for module in backbone.network.modules():
            weight = getattr(module, "weight", None)
            if isinstance(module, kinds) and weight is not None and id(weight) in owned:
                yield module


def reparametrise(module: nn.Module, name: str, made: nn.Module) -> None:
    """``module.<name>`` becomes ``made`` of its frozen self."""
    from torch.nn.utils import parametrize

    getattr(module, name).requires_grad_(False)
    parametrize.register_parametrization(module, name, made, unsafe=True)


def merge(model: Model, kinds: tuple[type[nn.Module], ...]) -> int:
    """Every weight that is made by some kinds of modules becomes a plain one; how many there were."""
    from torch.nn.utils import parametrize

    count = 0
    for module in list(model.backbone.network.modules()):
        if parametrize.is_parametrized(module):
            for name, makers in list(module.parametrizations.items()):
                if isinstance(makers[0], kinds):
                    parametrize.remove_parametrizations(module, name, leave_parametrized=True)
                    count += 1
            if count:
                _put_weight_first(module)
    return count


def _put_weight_first(module: nn.Module) -> None:
    """Merging registers a parameter anew, behind the others; digests of weights go by their order."""
    if "weight" in module._parameters:
        others = {name: module._parameters.pop(name) for name in list(module._parameters) if name != "weight"}
        module._parameters.update(others)


def linear_layers() -> tuple[type[nn.Module], ...]:
    """Linear layers and convolutions, transformers' own kind of linear layer too where it is in use."""
    from torch import nn

    found = sys.modules.get("transformers.pytorch_utils")
    return (nn.Linear, nn.Conv1d, nn.Conv2d, *((found.Conv1D,) if found else ()))


def output_axis(module: nn.Module) -> int:
    """Of its weight: 0, but 1 in transformers' own linear layer, whose weight is ``(in, out)``."""
    return 1 if type(module).__name__ == "Conv1D" else 0


def added_groups(model: Model, kinds: tuple[type[nn.Module], ...], head_lr_scale: float) -> list[ParamGroup]:
    """The head, and what was added: parameters of modules of some kinds; raises ConfigError where there are none."""
    modules = [module for module in model.backbone.network.modules() if isinstance(module, kinds)]
    added = {id(value): value for module in modules for value in module.parameters(recurse=False)}  # shared ones once
    if not added:
        raise ConfigError(
            f"nothing can be added to the stages {list(model.backbone.stages[model.boundary :])} of "
            f"{model.backbone.name}: they hold no layers of the kinds that this method takes. Freeze fewer stages, or "
            "use lp_ft."
        )
    head = split_by_decay(HEAD, model.head.parameters(), head_lr_scale)
    return [*head, ParamGroup("added", list(added.values()), decays=False)]
