"""Stochastic depth of the trained residual blocks.

Huang et al., ECCV 2016, arXiv:1603.09382, with a rate that rises linearly with depth, as there. timm's networks have
a place for it in every residual block; it is filled for the training and given back its own module afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from headstart.core.errors import ConfigError
from headstart.engine.training.model import TrainableModel

PLACES = ("drop_path", "drop_path1", "drop_path2")


class DropPaths:
    """Fills the places of a model, and empties them again."""

    def __init__(self, model: TrainableModel, rate: float) -> None:
        """Raises ConfigError where the trained stages have no such place."""
        from timm.layers.drop import DropPath

        self._before = list(_places(model))
        if rate and not self._before:
            raise ConfigError(
                f"stochastic depth needs residual blocks of timm's networks among the trained stages; "
                f"{model.backbone.name} has none there. Leave drop_path out."
            )
        for number, (owner, name, _) in enumerate(self._before):
            if rate:
                setattr(owner, name, DropPath(rate * (number + 1) / len(self._before)))

    def give_back(self) -> None:
        """The modules that were there before."""
        for owner, name, module in self._before:
            setattr(owner, name, module)


def _places(model: TrainableModel) -> Iterator[tuple[nn.Module, str, nn.Module]]:
    for trained in model.trained_modules():
        for owner in trained.modules():
            for name in PLACES:
                module = getattr(owner, name, None)
                if isinstance(module, nn.Module):
                    yield owner, name, module
