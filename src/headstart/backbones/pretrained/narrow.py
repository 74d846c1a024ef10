"""Networks whose layers have other widths than their architecture says: pruned channels, heads, neurons.

The card names the shapes that differ, so that wrong weights are still told from narrow ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from headstart.backbones.card import Card
from headstart.core.errors import ShapeError

Shape = tuple[int, ...]


def narrow(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put tensors of other shapes in place; the layers that own them say so from then on.

    Args:
        network: Changed.
        tensors: By name, without storage where the network has none.

    Raises:
        ShapeError: a layer's tensors do not fit each other.
    """
    owners: dict[str, nn.Module] = {}
    for name, value in tensors.items():
        place, _, attribute = name.rpartition(".")
        owner = owners.setdefault(place, network.get_submodule(place))
        old = getattr(owner, attribute)
        new = nn.Parameter(value, requires_grad=old.requires_grad) if isinstance(old, nn.Parameter) else value
        setattr(owner, attribute, new)
    for place, owner in owners.items():
        _tell(place, owner)


def laid_out_narrow(network: nn.Module, shapes: Mapping[str, Shape]) -> nn.Module:
    """A network without storage, changed to a card's shapes; names that it does not have are passed over."""
    there = set(network.state_dict())
    narrow(network, {name: torch.empty(shape, device="meta") for name, shape in shapes.items() if name in there})
    return network


def parted(card: Card, tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Tensors of the architecture's own shapes, and the others.

    Raises:
        ShapeError: one does not have the card's shape.
    """
    narrow_ones = {name: value for name, value in tensors.items() if name in card.shapes}
    for name, value in narrow_ones.items():
        if tuple(value.shape) != tuple(card.shapes[name]):
            raise ShapeError(
                f"{name} of {card.name} must be {tuple(card.shapes[name])}, as its card says; got {tuple(value.shape)}."
            )
    return {name: value for name, value in tensors.items() if name not in card.shapes}, narrow_ones


def with_zeros(network: nn.Module, tensors: Mapping[str, Tensor], names: Iterable[str]) -> dict[str, Tensor]:
    """Tensors, and zeros of the architecture's own shapes under further names."""
    shapes = network.state_dict()
    return {**tensors, **{name: torch.zeros(shapes[name].shape, dtype=shapes[name].dtype) for name in names}}


def _tell(place: str, layer: nn.Module) -> None:
    """A layer's own numbers, from its tensors."""
    weight = getattr(layer, "weight", None)
    if weight is None:
        return
    if isinstance(layer, _ConvNd):
        is_depthwise = layer.groups > 1 and layer.groups == layer.in_channels == layer.out_channels
        layer.out_channels = weight.shape[0]
        layer.groups = weight.shape[0] if is_depthwise else layer.groups
        layer.in_channels = weight.shape[1] * layer.groups
    elif isinstance(layer, nn.Linear):
        layer.out_features, layer.in_features = weight.shape
    elif isinstance(layer, _BatchNorm):
        layer.num_features = weight.shape[0]
    elif isinstance(layer, nn.LayerNorm):
        layer.normalized_shape = tuple(weight.shape)
    _require_one_width(place, layer, weight)


def _require_one_width(place: str, layer: nn.Module, weight: Tensor) -> None:
    others = ("bias", "running_mean", "running_var")
    widths = {name: value.shape[0] for name in others if isinstance(value := getattr(layer, name, None), Tensor)}
    if wrong := {name: width for name, width in widths.items() if width != weight.shape[0]}:
        raise ShapeError(f"tensors of {place} must have {weight.shape[0]} channels, as its weight has; got {wrong}.")
