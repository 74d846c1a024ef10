"""The card of a network that is cut after a stage: what is left of it, counted anew."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.cut import AVERAGE
from headstart.backbones.pretrained.family import Family, family
from headstart.backbones.pretrained.measure import counted
from headstart.backbones.pretrained.narrow import laid_out_narrow
from headstart.core.boundary import Boundary
from headstart.core.errors import ConfigError, choice_message
from headstart.core.resources import MIB


def boundary_after(card: Card, stage: str | int) -> int:
    """How many stages there are up to and including one.

    Args:
        card: Of the whole network.
        stage: Its name, or its number counted from 1.

    Raises:
        ConfigError: there is no such stage; the message suggests the nearest.
    """
    if isinstance(stage, str):
        if stage not in card.stages:
            raise ConfigError(f"{choice_message(f'a stage of {card.name}', stage, card.stages)} A number works too.")
        return card.stages.index(stage) + 1
    if not 1 <= stage <= len(card.stages):
        raise ConfigError(
            f"a stage of {card.name} must be 1 to {len(card.stages)}; got {stage}. They are {list(card.stages)}."
        )
    return stage


def cut_card(card: Card, stage: str | int) -> Card:
    """The card of the network that ends with a stage; the card itself when that is the last one.

    What it costs is counted anew. Where the network cannot be run without storage, it is loaded and run once.

    Raises:
        ConfigError: there is no such stage.
    """
    boundary = boundary_after(card, stage)
    if boundary == len(card.stages):
        return card
    described, name = family(card.family), card.stages[boundary - 1]
    network = laid_out_narrow(described.layout(card.architecture, card.options), card.shapes)
    kept = described.stages(network)[:boundary]
    tensors = [value for part in kept for _, value in part.tensors(network)]
    flops, width = _counted(described, network, card, boundary)
    changed = {
        "name": f"{card.name}@{name}",
        "cut": name,
        "stages": (*card.stages[:boundary], AVERAGE),
        "parameters": sum(value.numel() for value in tensors if isinstance(value, nn.Parameter)),
        "flops": flops,
        "size_mib": round(sum(value.numel() * value.element_size() for value in tensors) / MIB, 1),
        "feature_dim": width,
    }
    return Card.parse(card.model_dump() | changed, card.name)


def _counted(described: Family, network: nn.Module, card: Card, boundary: int) -> tuple[int | None, int]:
    """FLOPs on the scale of the card's, and the number of channels."""
    entrance = described.entrance(card)
    entered = entrance(torch.from_numpy(entrance.example(1, np.random.default_rng(0))))
    stages = described.stages(network)
    part, packed = counted(network, stages[:boundary], _without_storage(entered))
    whole, _ = counted(network, stages, _without_storage(entered))
    if packed is None:
        return None, _width(card, boundary)
    flops = None if card.flops is None or not part or not whole else round(card.flops * part / whole)
    return flops, _channels(packed.values, is_map=entrance.variable_axis is None)


def _without_storage(boundary: Boundary) -> Boundary:
    extras = {name: value.to("meta") for name, value in boundary.extras.items()}
    mask = None if boundary.mask is None else boundary.mask.to("meta")
    return Boundary(boundary.values.to("meta"), mask, extras)


def _width(card: Card, boundary: int) -> int:
    """By running one made-up input."""
    from headstart.backbones.pretrained.load import load_card

    backbone = load_card(card)
    with torch.inference_mode():
        entered = backbone.enter(torch.from_numpy(backbone.example(1)))
        values = backbone.run(entered, 0, boundary).values
    return _channels(values, is_map=backbone.variable_axis is None)


def _channels(values: Tensor, *, is_map: bool) -> int:
    return int(values.shape[1] if is_map and values.ndim == 4 else values.shape[-1])
