"""Vision Transformers in EVA's frame, most of them with rotary position terms: EVA, EVA-02, DINOv3, RoPE-ViT.

Fang et al., CVPR 2023, arXiv:2211.07636; EVA-02: arXiv:2303.11331; DINOv3: arXiv:2508.10104; RoPE-ViT:
arXiv:2403.13298; rotary position terms: Su et al. 2021, arXiv:2104.09864
"""

from __future__ import annotations

from functools import partial
from math import isqrt
from typing import Any

from timm.models.eva import Eva
from torch import Tensor, nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage, on_tensors, own_head, tensor_stage
from headstart.backbones.pretrained.timm_family import TimmFamily, keeps_forward
from headstart.core.errors import ShapeError
from headstart.core.plugins import Plugin

TINY = {"embed_dim": 16, "depth": 3, "num_heads": 2, "img_size": 32, "patch_size": 8}
EMBEDDING = ("patch_embed", "cls_token", "reg_token", "pos_embed", "pos_drop", "norm_pre", "rope")


def _embed(network: Any, pictures: Tensor) -> Tensor:
    """Picture ``(B, 3, H, W)`` to tokens ``(B, P + T, D)``, P prefix tokens first, absolute position terms added."""
    tokens, _ = network._pos_embed(network.patch_embed(pictures))
    embedded: Tensor = network.norm_pre(tokens)
    return embedded


def _block(number: int, network: Any, tokens: Tensor) -> Tensor:
    """One block, with the rotary terms of its tokens' places."""
    rope = None
    if network.rope is not None:
        rope = network.rope.get_embed(shape=grid_of(network, tokens.shape[1] - network.num_prefix_tokens))
        rope = rope[number] if network.rope_mixed else rope
    result: Tensor = network.blocks[number](tokens, rope=rope)
    return result


def grid_of(network: Any, patches: int) -> tuple[int, int]:
    """Rows and columns of the patches: the network's own grid, else, of pictures of another size, a square.

    Raises:
        ShapeError: there are neither as many patches as the network's own grid has, nor a square number of them.
    """
    own: tuple[int, int] = network.patch_embed.grid_size
    if patches == own[0] * own[1]:
        return own
    side = isqrt(patches)
    if side * side != patches:
        raise ShapeError(
            f"a picture must be a square, or fall into the {own[0]} x {own[1]} patches that the network was built for; "
            f"got one of {patches} patches. Prepare square pictures, or build it with img_size."
        )
    return side, side


def _head(network: nn.Module, tokens: Tensor) -> Tensor:
    return own_head(network, network.get_submodule("norm")(tokens))


class EvaFamily(TimmFamily):
    """embed, one stage per block, head."""

    small = (
        Small("eva02_tiny_patch14_224", TINY),
        Small("eva_giant_patch14_224", TINY),
        Small("vit_small_patch16_dinov3", TINY),
        Small("vit_small_patch16_dinov3", {**TINY, "img_size": 16}),  # sees larger pictures than it was built for
        Small("vit_small_patch16_rope_mixed_224", TINY),
    )

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """An EVA that computes its features the standard way, without chance in its position terms.

        One that pools by attention (Perception Encoder) is left to the fallback: its bits were seen to differ with the
        mode in which its weights were read.
        """
        if not keeps_forward(network, Eva):
            return False
        found: Any = network
        is_random = found.patch_drop is not None or getattr(found.rope, "aug_active", False)
        return not is_random and found.attn_pool is None

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Rotary terms belong to the embedding, whose own code asks for them too; the blocks read them."""
        blocks = (
            Stage(f"blocks.{number}", (f"blocks.{number}",), partial(on_tensors, partial(_block, number)), ("rope",))
            for number, _ in enumerate(network.get_submodule("blocks").children())
        )
        head = tensor_stage("head", ("norm", "fc_norm", "head_drop"), _head)
        return (tensor_stage("embed", EMBEDDING, _embed), *blocks, head)


PLUGIN = Plugin(build=EvaFamily, paper="arXiv:2211.07636")
