"""EfficientNet, its Lite and V2 forms and the tf_ ports, and other networks in the same frame.

Tan & Le, ICML 2019, arXiv:1905.11946; EfficientNetV2: arXiv:2104.00298
"""

from __future__ import annotations

from timm.models.efficientnet import EfficientNet
from torch import nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, modules, whole_head
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.plugins import Plugin


def inverted_residual_stages(network: nn.Module) -> tuple[Stage, ...]:
    """stem, blocks.0 to the last group of blocks, head (the last 1x1 convolution), pool."""
    blocks = (modules(f"blocks.{number}") for number, _ in enumerate(network.get_submodule("blocks").children()))
    return (
        modules("stem", "conv_stem", "bn1"),
        *blocks,
        modules("head", "conv_head", "bn2"),
        whole_head("pool", "global_pool"),
    )


class EfficientNetFamily(TimmFamily):
    """Groups of inverted residual blocks between a stem and a 1x1 convolution."""

    small = (Small("mnasnet_small"), Small("tf_efficientnet_lite0"), Small("tinynet_e"))

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """Any EfficientNet frame that does not go by the name of MobileNet."""
        return keeps_forward(network, EfficientNet) and not architecture.startswith("mobilenet")

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """See :func:`inverted_residual_stages`."""
        return inverted_residual_stages(network)


PLUGIN = Plugin(build=EfficientNetFamily, paper="arXiv:1905.11946")
