"""Any timm network as one stage: pictures in, pooled features out, nothing in between to freeze or keep."""

from __future__ import annotations

from torch import nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, own_features, tensor_stage
from headstart.backbones.pretrained.timm_family import TimmFamily
from headstart.core.plugins import Plugin


class SingleFamily(TimmFamily):
    """The network as a whole."""

    small = (
        Small("regnetx_002", image_size=(64, 64)),
        Small(
            "swin_tiny_patch4_window7_224",
            {"embed_dim": 8, "depths": (1, 1, 1, 1), "num_heads": (1, 1, 1, 1), "img_size": 64, "window_size": 2},
            (64, 64),
        ),
    )

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """Whatever has features and a head."""
        return hasattr(network, "forward_features") and hasattr(network, "forward_head")

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """One stage that owns every module and tensor at the top level."""
        top = {name.split(".")[0] for name, _ in [*network.named_parameters(), *network.named_buffers()]}
        return (tensor_stage("all", tuple(sorted(top)), own_features),)


PLUGIN = Plugin(build=SingleFamily)
