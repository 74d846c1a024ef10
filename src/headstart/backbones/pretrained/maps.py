"""Where in a network channels have maps: values at several positions of two axes, as in convolutional networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from headstart.core.errors import ConfigError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def channel_axis(backbone: Backbone) -> int:
    """Of maps: 1 of pictures, ``(B, C, H, W)``; 3 of recordings, ``(B, T, F, C)``."""
    return 1 if backbone.variable_axis is None else 3


def map_boundaries(backbone: Backbone) -> tuple[int, ...]:
    """The boundaries between two stages that hold maps, ascending; found by running one example."""
    channels, found = channel_axis(backbone), []
    with torch.no_grad():
        boundary = backbone.enter(torch.from_numpy(backbone.example(1)))
        for number in range(1, len(backbone.stages)):
            boundary = backbone.run(boundary, number - 1, number)
            values = boundary.values
            if values.ndim == 4 and values.numel() > values.shape[channels]:
                found.append(number)
    return tuple(found)


def require_maps(backbone: Backbone, method: str, start: int = 0) -> tuple[int, ...]:
    """:func:`map_boundaries` from boundary ``start`` on; raises ConfigError where there are none."""
    found = tuple(number for number in map_boundaries(backbone) if number >= start)
    if not found:
        raise ConfigError(
            f"{method} takes a network with channel maps between its trained stages; {backbone.name}, trained from "
            f"boundary {start} of {list(backbone.stages)} on, has none. Take a convolutional network of pictures or "
            "recordings, freeze fewer stages, or use lp_ft."
        )
    return found
