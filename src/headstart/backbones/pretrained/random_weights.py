"""The same architecture with random weights: what its shape gives without pretraining.

Weights are drawn by timm's own initialisation. A network with BatchNorm cannot be used like that in eval mode: its
running mean 0 and variance 1 describe no layer, and activations shrink or grow from layer to layer. So one batch of
noise pictures passes through, and each layer keeps the statistics it sees: what a first training step would do, without
learning anything. On 16 photographs the mean size of a feature was 2e10 for Inception v3 and 9e-6 for EfficientNet-B0
before, and 0.08 to 27 after for eight networks with BatchNorm, ResNet-200 and DenseNet-121 among them; which is where
half precision still works. Networks without BatchNorm stay as they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.backbones.pretrained.network import build
from headstart.backbones.pretrained.seeded import seeded
from headstart.backbones.pretrained.stage import own_features

PICTURES = 8  # 8 maps of 7 x 7 still give each channel of the last layer 392 values to take statistics of


def build_random(architecture: str, options: Mapping[str, Any], image_size: tuple[int, int], seed: int) -> nn.Module:
    """The architecture without its classifier, random weights, BatchNorm settled, in eval mode.

    The same seed gives the same weights; the random state of the caller is as before.
    """
    with seeded(seed):
        network = build(architecture, options)
        settle_batch_norm(network, smooth_noise(PICTURES, image_size))
    return network


def smooth_noise(count: int, image_size: tuple[int, int]) -> Tensor:
    """Pictures ``(count, 3, H, W)`` of mean 0 and standard deviation 1, rough and smooth at once like photographs.

    Noise on five grids, each half as fine as the one before, is enlarged to the full size and added up: photographs
    too have about equal contrast at every scale. Drawn from torch's default generator.
    """
    total = torch.zeros((count, 3, *image_size))
    for level in range(5):
        size = [max(1, side >> level) for side in image_size]
        total += nn.functional.interpolate(torch.randn((count, 3, *size)), size=image_size, mode="bilinear")
    return (total - total.mean()) / total.std()


@torch.no_grad()
def settle_batch_norm(network: nn.Module, pictures: Tensor) -> None:
    """Replace running statistics of every BatchNorm layer by those of one batch ``(B, 3, H, W)``; all else stays."""
    layers = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 1.0  # take the batch's statistics whole
        layer.train()
    own_features(network, pictures)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
        layer.eval()
