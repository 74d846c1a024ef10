"""Small random networks, and inputs of them."""

from __future__ import annotations

from torch import nn

from backbones.helpers_backbones import small_backbone, small_batch
from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.family import Small

WIDER = {**TINY, "intermediate_size": 64}
KINDS = ("inverted residuals", "bottlenecks", "attention")


def network_of(kind):
    """In eval mode; what follows a normalisation is not dead."""
    if kind == "attention":
        return small_backbone(small("bert", WIDER), name="bert_like")
    small_one = {"bottlenecks": Small("resnet26", {"channels": (16, 16, 32, 32)})}.get(kind, Small("mnasnet_small"))
    backbone = small_backbone(small_one, name="resnet" if kind == "bottlenecks" else "efficientnet")
    for module in backbone.network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.zero_()
            nn.init.ones_(module.weight)  # timm begins with 0 at the end of a branch
    return backbone


def batches_of(backbone, count=3, size=8):
    return [small_batch(backbone.card, size, seed) for seed in range(count)]
