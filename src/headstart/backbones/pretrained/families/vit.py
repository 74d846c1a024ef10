"""Vision Transformer, DeiT and DINOv2.

Dosovitskiy et al., ICLR 2021, arXiv:2010.11929; DeiT: arXiv:2012.12877; DINOv2: arXiv:2304.07193
"""

from __future__ import annotations

from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, modules, own_head, tensor_stage
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.plugins import Plugin

TINY = {"embed_dim": 16, "depth": 3, "num_heads": 2, "img_size": 32, "patch_size": 8}
EMBEDDING = ("patch_embed", "cls_token", "reg_token", "dist_token", "pos_embed", "pos_drop", "patch_drop", "norm_pre")


def _embed(network: nn.Module, values: Tensor) -> Tensor:
    """Picture ``(B, 3, H, W)`` to tokens ``(B, P + T, D)``, P prefix tokens first, position terms added."""
    tokens = network._pos_embed(network.get_submodule("patch_embed")(values))  # type: ignore[operator]  # timm's own
    embedded: Tensor = network.get_submodule("norm_pre")(network.get_submodule("patch_drop")(tokens))
    return embedded


def _head(network: nn.Module, tokens: Tensor) -> Tensor:
    """Final norm, then the network's own pooling (class token, mean without prefix tokens, attention)."""
    return own_head(network, network.get_submodule("norm")(tokens))


class ViTFamily(TimmFamily):
    """embed, one stage per block, head."""

    small = (
        Small("vit_tiny_patch16_224", TINY),
        Small("vit_tiny_patch16_224", {**TINY, "global_pool": "avg", "fc_norm": True}),
        Small("deit_tiny_patch16_224", TINY),
        Small("deit_tiny_distilled_patch16_224", TINY),
        Small("deit3_small_patch16_224", TINY),
        Small("vit_small_patch14_dinov2", TINY),
        Small("vit_small_patch14_reg4_dinov2", TINY),
        Small("vit_base_patch16_siglip_224", TINY),
    )

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """A Vision Transformer whose features are computed the standard way."""
        return keeps_forward(network, VisionTransformer)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Position terms belong to the embedding: they are added once, and are part of its output."""
        blocks = (modules(f"blocks.{number}") for number, _ in enumerate(network.get_submodule("blocks").children()))
        head = tensor_stage("head", ("norm", "attn_pool", "fc_norm", "head_drop"), _head)
        return (tensor_stage("embed", EMBEDDING, _embed), *blocks, head)


PLUGIN = Plugin(build=ViTFamily, paper="arXiv:2010.11929")
