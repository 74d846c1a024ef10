"""ResNet and its descendants in the same frame (ResNeXt, SE-ResNet, ResNet-D, Wide ResNet).

He, Zhang, Ren & Sun, CVPR 2016, arXiv:1512.03385
"""

from __future__ import annotations

from timm.models.resnet import ResNet
from torch import nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, modules, whole_head
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.plugins import Plugin


class ResNetFamily(TimmFamily):
    """stem, layer1 to layer4, pool."""

    small = (
        Small("resnet18", {"channels": (8, 8, 16, 16)}),
        Small("resnet26d", {"channels": (8, 8, 16, 16)}),
    )

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """A ResNet whose features are computed the standard way."""
        return keeps_forward(network, ResNet)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The four layers have names of their own; what comes before the first is the stem."""
        layers = (modules(f"layer{number}") for number in range(1, 5))
        return (modules("stem", "conv1", "bn1", "act1", "maxpool"), *layers, whole_head("pool", "global_pool"))


PLUGIN = Plugin(build=ResNetFamily, paper="arXiv:1512.03385")
