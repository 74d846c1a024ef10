"""MobileNetV2, V3 and what timm builds in V3's frame (V4, LCNet, FBNetV3).

Sandler et al., CVPR 2018, arXiv:1801.04381; Howard et al., ICCV 2019, arXiv:1905.02244
"""

from __future__ import annotations

from timm.models.efficientnet import EfficientNet
from timm.models.mobilenetv3 import MobileNetV3
from torch import nn

from headstart.backbones.pretrained.families.efficientnet import inverted_residual_stages
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, modules, whole_head
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.plugins import Plugin


class MobileNetFamily(TimmFamily):
    """V2 has EfficientNet's frame in timm; V3 pools before its last 1x1 convolution."""

    small = (
        Small("mobilenetv2_035"),
        Small("mobilenetv3_small_050"),
        Small("mobilenetv4_conv_small_035"),
    )

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """V3's frame under any name; EfficientNet's frame under the name of MobileNet."""
        v2 = keeps_forward(network, EfficientNet) and architecture.startswith("mobilenet")
        return v2 or keeps_forward(network, MobileNetV3)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """stem, groups of blocks, then head and pool (V2), or a head that pools first (V3)."""
        if isinstance(network, EfficientNet):
            return inverted_residual_stages(network)
        blocks = (modules(f"blocks.{number}") for number, _ in enumerate(network.get_submodule("blocks").children()))
        head = whole_head("head", "global_pool", "conv_head", "norm_head", "act2", "flatten")
        return (modules("stem", "conv_stem", "bn1"), *blocks, head)


PLUGIN = Plugin(build=MobileNetFamily, paper="arXiv:1905.02244")
