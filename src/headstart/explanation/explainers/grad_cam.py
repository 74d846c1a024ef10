"""Grad-CAM: where the last map of features speaks for a class.

Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017,
arXiv:1610.02391. The weight of a channel is the mean of the gradient over the map; the weighted sum of channels is cut
off below 0. The map is the last between two stages by which the answer still changes: of a convolutional network the
one before pooling; of a transformer that answers by its class token the tokens before its last block.

One forward and one backward pass.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.backbones.pretrained.backbone import Backbone
from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.plugins import Plugin
from headstart.explanation.grid import resampled
from headstart.explanation.network import Network
from headstart.explanation.question import Attribution, Question


class GradCam:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def explain(self, question: Question) -> Attribution:
        """Raises ConfigError where the network has no map that the answer depends on."""
        rows, columns = question.units.shape
        networks = question.networks()
        found = [cam(network, question.example.prepared[network.number]) for network in networks]
        values = np.sum([resampled(drawn, rows, columns) for _, drawn in found], axis=0)
        passes = "one forward and one backward pass" + (f" of {len(found)} networks each" if len(found) > 1 else "")
        stages = ", ".join(dict.fromkeys(stage for stage, _ in found))
        return Attribution(values, f"{passes}; map after {stages}")


def cam(network: Network, pixels: NDArray[np.uint8]) -> tuple[str, NDArray[np.float64]]:
    """Name of the stage and map ``(h, w)``, >= 0, of one prepared picture ``(H, W, 3)``."""
    backbone = network.backbone
    boundary = backbone.enter(torch.from_numpy(np.array(pixels[None])))
    boundary.values.requires_grad_(True)
    found: list[Tensor] = []
    for number in range(len(backbone.stages)):
        boundary = backbone.run(boundary, number, number + 1)
        found.append(boundary.values)
    margin = network.margin(boundary.values).sum()
    gradients = torch.autograd.grad(margin, found[:-1], allow_unused=True) if len(found) > 1 else ()
    last: tuple[str, NDArray[np.float64]] | None = None
    for number in reversed(range(len(gradients))):
        gradient = gradients[number]
        values = as_map(found[number], backbone)
        slope = None if gradient is None else as_map(gradient, backbone)
        if values is None or slope is None:
            continue
        weighted = (slope.mean((1, 2), keepdim=True) * values).sum(0)
        drawn = (backbone.stages[number], weighted.clamp(min=0).detach().double().numpy())
        if bool(slope.any()):
            return drawn
        last = last or drawn  # a head that answers without looking has no slope anywhere
    if last is not None:
        return last
    raise ConfigError(f"grad_cam needs a map between two stages; {backbone.name} has none. Use --method occlusion.")


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


PLUGIN = Plugin(
    build=GradCam, modality="image", needs=frozenset({"gradients"}), paper="arXiv:1610.02391", title="Grad-CAM"
)
