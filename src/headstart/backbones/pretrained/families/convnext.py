"""ConvNeXt and ConvNeXt V2.

Liu et al., CVPR 2022, arXiv:2201.03545; V2: arXiv:2301.00808
"""

from __future__ import annotations

from timm.models.convnext import ConvNeXt
from torch import Tensor, nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, modules, own_head, tensor_stage
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.plugins import Plugin


class ConvNeXtFamily(TimmFamily):
    """stem, stages.0 to stages.3, head."""

    small = (
        Small("convnext_atto", {"depths": (1, 1, 1, 1), "dims": (8, 8, 16, 16)}),
        Small("convnextv2_atto", {"depths": (1, 1, 1, 1), "dims": (8, 8, 16, 16)}),
    )

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """A ConvNeXt whose features are computed the standard way."""
        return keeps_forward(network, ConvNeXt)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The head normalises before or after it pools, as the network does."""
        stages = (modules(f"stages.{number}") for number in range(4))
        return (modules("stem"), *stages, tensor_stage("head", ("norm_pre", "head"), _head))


def _head(network: nn.Module, values: Tensor) -> Tensor:
    return own_head(network, network.get_submodule("norm_pre")(values))


PLUGIN = Plugin(build=ConvNeXtFamily, paper="arXiv:2201.03545")
