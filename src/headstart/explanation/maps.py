"""Maps between the stages of a network over pictures, and how the answer changes with each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.core.errors import ConfigError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.explanation.network import Network


@dataclass(frozen=True)
class StageMap:
    """What a stage put out, of one picture.

    Attributes:
        stage: Name.
        values: ``(C, h, w)``.
        slope: Of the margin by them, of the same shape.
    """

    stage: str
    values: Tensor
    slope: Tensor


def stage_maps(network: Network, pixels: NDArray[np.uint8]) -> list[StageMap]:
    """Maps of one prepared picture ``(H, W, 3)``, in the order of the stages, by one forward and one backward pass.

    Those at the end that the answer does not depend on are left out (tokens behind the last block of a transformer that
    answers by its class token). A head that answers without looking has no slope anywhere; all maps are there then.

    Raises:
        ConfigError: there is no map between two stages.
    """
    backbone = network.backbone
    boundary = backbone.enter(torch.from_numpy(np.array(pixels[None])))
    boundary.values.requires_grad_(True)
    outputs: list[Tensor] = []
    for number in range(len(backbone.stages)):
        boundary = backbone.run(boundary, number, number + 1)
        outputs.append(boundary.values)
    margin = network.margin(boundary.values).sum()
    slopes = torch.autograd.grad(margin, outputs[:-1], allow_unused=True) if len(outputs) > 1 else ()
    found = []
    for stage, output, slope in zip(backbone.stages, outputs, slopes, strict=False):
        values, change = as_map(output, backbone), None if slope is None else as_map(slope, backbone)
        if values is not None and change is not None:
            found.append(StageMap(stage, values.detach(), change))
    if not found:
        raise ConfigError(f"{backbone.name} has no map between two stages. Use --method occlusion.")
    used = [number for number, each in enumerate(found) if bool(each.slope.any())]
    return found[: used[-1] + 1] if used else found


def as_map(values: Tensor, backbone: Backbone) -> Tensor | None:
    """``(C, h, w)`` of a boundary of one picture: a map, or tokens without those put before them; None: neither."""
    if values.ndim == 4:
        return values[0]
    if values.ndim != 3:
        return None
    before = int(getattr(backbone.network, "num_prefix_tokens", 0) or 0)
    tokens = values[0, before:]
    height, width = backbone.card.image_size
    side = (height * width / max(len(tokens), 1)) ** 0.5  # pixels of a patch
    shape = (round(height / side), round(width / side))
    if shape[0] * shape[1] != len(tokens) or min(shape) < 2:
        return None
    return tokens.T.reshape(-1, *shape)
