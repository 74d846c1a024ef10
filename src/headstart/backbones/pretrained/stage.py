"""One stage of a network: a name, the modules and tensors it owns, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor, nn

from headstart.core.boundary import Boundary

OnTensors = Callable[[nn.Module, Tensor], Tensor]
Named = tuple[str, Tensor]


@dataclass(frozen=True)
class Stage:
    """A step from one boundary to the next.

    Attributes:
        name: As users write it; the network's own module name where there is one.
        owns: Dotted names of modules, parameters or buffers of the network. Together the stages own every tensor of
            the backbone exactly once.
        apply: ``(network, boundary) -> boundary``, batch-first; reads only what the stage owns and what it names in
            ``reads``, and never changes the mode.
        reads: What it also reads of earlier stages: position terms that all layers share.
    """

    name: str
    owns: tuple[str, ...]
    apply: Callable[[nn.Module, Boundary], Boundary]
    reads: tuple[str, ...] = ()

    def tensors(self, network: nn.Module, named: Sequence[Named] | None = None) -> Iterator[Named]:
        """Name and value, of any shape, of each parameter and buffer that the stage owns, saved or not.

        ``named``: :func:`named_tensors` of the network, for who asks several stages.
        """
        return _under(self.owns, named_tensors(network) if named is None else named)

    def shared(self, network: nn.Module) -> Iterator[Named]:
        """Name and value, of any shape, of each that it reads and does not own."""
        return _under(self.reads, named_tensors(network))


def named_tensors(network: nn.Module) -> list[Named]:
    """Every parameter, then every buffer; one under several names has its first."""
    return [*network.named_parameters(), *network.named_buffers()]


def _under(places: tuple[str, ...], named: Sequence[Named]) -> Iterator[Named]:
    for name, value in named:
        if any(name == place or name.startswith(f"{place}.") for place in places):
            yield name, value


def on_tensors(function: OnTensors, network: nn.Module, boundary: Boundary) -> Boundary:
    """``function`` on the values of a boundary; mask and extras stay."""
    return replace(boundary, values=function(network, boundary.values))


def tensor_stage(name: str, owns: tuple[str, ...], function: OnTensors) -> Stage:
    """A stage that needs the values alone: ``(network, values) -> values``."""
    return Stage(name, owns, partial(on_tensors, function))


def own_head(network: nn.Module, values: Tensor) -> Tensor:
    """Timm's own pooling, and what follows it, up to the classifier: ``(B, D)``."""
    features: Tensor = network.forward_head(values, pre_logits=True)  # type: ignore[operator]  # every timm network has it
    return features


def own_features(network: nn.Module, pictures: Tensor) -> Tensor:
    """A timm network's own pooled features ``(B, D)`` of pictures ``(B, 3, H, W)``: what stages must equal."""
    return own_head(network, network.forward_features(pictures))  # type: ignore[operator]  # every timm network has it


def _in_order(names: tuple[str, ...], network: nn.Module, values: Tensor) -> Tensor:
    for name in names:
        module: Callable[[Tensor], Tensor] = network.get_submodule(name)
        values = module(values)
    return values


def modules(name: str, *owned: str) -> Stage:
    """A stage that applies modules one after another; without ``owned``, the module called ``name``."""
    names = owned or (name,)
    return tensor_stage(name, names, partial(_in_order, names))


def whole_head(name: str, *owned: str) -> Stage:
    """The last stage: the network's own way from its last map or tokens to pooled features ``(B, D)``."""
    return tensor_stage(name, owned, own_head)
