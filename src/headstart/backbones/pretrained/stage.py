"""One stage of a network: a name, the modules and tensors it owns, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn


@dataclass(frozen=True)
class Stage:
    """A step from one boundary to the next.

    Attributes:
        name: As users write it; the network's own module name where there is one.
        owns: Dotted names of modules, parameters or buffers of the network. Together the stages own every tensor of
            the backbone exactly once.
        apply: ``(network, values) -> values``, batch-first; reads only what the stage owns, and never changes the mode.
    """

    name: str
    owns: tuple[str, ...]
    apply: Callable[[nn.Module, Tensor], Tensor]

    def tensors(self, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
        """Name and value of each parameter and buffer that the stage owns, those that are not saved included."""
        for name, value in [*network.named_parameters(), *network.named_buffers()]:
            if any(name == owned or name.startswith(f"{owned}.") for owned in self.owns):
                yield name, value


def own_head(network: nn.Module, values: Tensor) -> Tensor:
    """The network's own pooling, and what follows it, up to the classifier: ``(B, D)``."""
    features: Tensor = network.forward_head(values, pre_logits=True)  # type: ignore[operator]  # every timm network has it
    return features


def own_features(network: nn.Module, pictures: Tensor) -> Tensor:
    """The network's own pooled features ``(B, D)`` of pictures ``(B, 3, H, W)``: what stages must equal."""
    return own_head(network, network.forward_features(pictures))  # type: ignore[operator]  # every timm network has it


def _in_order(names: tuple[str, ...], network: nn.Module, values: Tensor) -> Tensor:
    for name in names:
        module: Callable[[Tensor], Tensor] = network.get_submodule(name)
        values = module(values)
    return values


def modules(name: str, *owned: str) -> Stage:
    """A stage that applies modules one after another; without ``owned``, the module called ``name``."""
    names = owned or (name,)
    return Stage(name, names, partial(_in_order, names))


def whole_head(name: str, *owned: str) -> Stage:
    """The last stage: the network's own way from its last map or tokens to pooled features ``(B, D)``."""
    return Stage(name, owned, own_head)
