"""Inception v3.

Szegedy et al., CVPR 2016, arXiv:1512.00567
"""

from __future__ import annotations

from timm.models.inception_v3 import InceptionV3
from torch import nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, modules, whole_head
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.plugins import Plugin

STEM = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Pool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "Pool2")
MIXED = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")


class InceptionV3Family(TimmFamily):
    """stem, then each mixed block by its own name, pool."""

    small = (Small("inception_v3", image_size=(75, 75)),)  # 75 px is the smallest that leaves a map after every stride

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """Without the auxiliary classifier, whose output is not a feature."""
        return keeps_forward(network, InceptionV3) and not getattr(network, "aux_logits", False)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Convolutions and pools up to the first mixed block are the stem."""
        mixed = (modules(f"Mixed_{name}") for name in MIXED)
        return (modules("stem", *STEM), *mixed, whole_head("pool", "global_pool", "head_drop"))


PLUGIN = Plugin(build=InceptionV3Family, paper="arXiv:1512.00567")
