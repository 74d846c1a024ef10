"""A network some of whose tensors are replaced by narrower ones, and what is left of its cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from headstart.backbones.pretrained.load import build_from
from headstart.backbones.pretrained.measure import counting
from headstart.core.errors import ShapeError
from headstart.core.resources import MIB

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def narrowed(backbone: Backbone, tensors: Mapping[str, Tensor]) -> Backbone:
    """The same network with some of its tensors replaced, in eval mode; its card says what it costs.

    Args:
        backbone: Any; it stays as it is.
        tensors: Of any shape, named as in ``backbone.network.state_dict()``.

    Raises:
        ShapeError: the network has no such tensor, or layers do not fit each other.
    """
    before = backbone.network.state_dict()
    if unknown := sorted(set(tensors) - set(before)):
        raise ShapeError(f"tensors must be some of {backbone.name}'s; it has no {unknown[0]}.")
    changed = {name: tuple(value.shape) for name, value in tensors.items() if value.shape != before[name].shape}
    shapes = {name: shape for name, shape in backbone.card.shapes.items() if name in before} | changed
    card = backbone.card.model_copy(update={"shapes": shapes})
    made = build_from(card, {**before, **tensors}, backbone.assets).eval()
    return made if not changed else _recounted(made, backbone)


def _recounted(made: Backbone, before: Backbone) -> Backbone:
    """With what is left of parameters, bytes and operations in its card."""
    now, then = _operations(made), _operations(before)
    tensors = list(made.network.state_dict().values())
    flops = before.card.flops
    made.card = made.card.model_copy(
        update={
            "parameters": sum(value.numel() for value in made.network.parameters()),
            "size_mib": round(sum(value.numel() * value.element_size() for value in tensors) / MIB, 1),
            "flops": None if flops is None or not then else round(flops * now / then),
        }
    )
    return made


def _operations(backbone: Backbone) -> int:
    """Of one made-up input; raises ShapeError where layers do not fit each other."""
    try:
        with torch.no_grad(), counting(backbone.network) as counter:
            backbone(torch.from_numpy(backbone.example(1)))
    except RuntimeError as error:
        raise ShapeError(f"layers of {backbone.name} must fit each other; {error}. Narrow both sides.") from error
    return int(counter.get_total_flops())
