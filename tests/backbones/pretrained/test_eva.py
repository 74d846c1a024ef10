"""What is EVA's own: places of patches, and which networks are left to the fallback."""

from __future__ import annotations

import pytest
import torch

from backbones.helpers_backbones import pixels, small_backbone
from headstart.backbones.pretrained.families.eva import TINY, grid_of
from headstart.backbones.pretrained.family import Small, family
from headstart.backbones.pretrained.network import build
from headstart.backbones.pretrained.timm_family import find_family
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError


def network(**options):
    return build("vit_small_patch16_dinov3", {**TINY, **options})


def test_the_grid_is_the_networks_own_or_a_square():
    wide = network(img_size=(32, 64))  # 4 x 8 patches of 8 x 8 pixels
    assert grid_of(wide, 32) == (4, 8)
    assert grid_of(wide, 36) == (6, 6)
    with pytest.raises(ShapeError, match="or fall into the 4 x 8 patches that .* got one of 35 patches"):
        grid_of(wide, 35)


@pytest.mark.parametrize("architecture", ["vit_small_patch16_dinov3", "eva02_tiny_patch14_224"])
@torch.inference_mode()
def test_rotary_terms_tell_places_apart(architecture):
    """Without them, and with nothing else that tells places, two patches that change places give the same features."""
    backbone = small_backbone(Small(architecture, {**TINY, "use_abs_pos_emb": False, "init_values": 1.0}), name="eva")
    picture = pixels(1)
    turned = picture.clone()
    turned[:, :8, :8], turned[:, 8:16, 16:24] = picture[:, 8:16, 16:24], picture[:, :8, :8]
    assert not torch.allclose(backbone(picture), backbone(turned), rtol=0, atol=1e-6)
    backbone.network.rope = None
    assert torch.allclose(backbone(picture), backbone(turned), rtol=0, atol=1e-6)


def test_a_wide_picture_goes_through_a_wide_network_as_through_the_librarys_own():
    own = network(img_size=(32, 64))
    values = torch.randn(2, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        tokens = values
        for stage in family("eva").stages(own)[:-1]:
            tokens = stage.apply(own, Boundary(tokens)).values
        assert torch.equal(own.norm(tokens), own.forward_features(values))


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("vit_small_patch16_dinov3", {"patch_drop_rate": 0.5}),
        ("vit_small_patch16_dinov3", {"rope_shift_coords": 0.1}),
        ("vit_pe_core_tiny_patch16_384", {"attn_pool_num_heads": 2}),
    ],
)
def test_chance_and_attention_pooling_are_left_to_the_fallback(architecture, options):
    assert find_family(build(architecture, {**TINY, **options}), architecture) == "single"
