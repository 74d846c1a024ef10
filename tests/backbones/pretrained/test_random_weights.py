"""Random weights: the same for the same seed, usable in eval mode, and nobody else's randomness is touched."""

from __future__ import annotations

import pytest
import torch

from backbones.helpers_backbones import TINY, pictures
from headstart.backbones.pretrained.find import load
from headstart.backbones.pretrained.network import build
from headstart.backbones.pretrained.random_weights import build_random, settle_batch_norm, smooth_noise


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    first, again, other = (build_random(TINY.architecture, TINY.options, (32, 32), seed) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))
    assert not torch.equal(first.conv1.weight, other.conv1.weight)
    assert not any(module.training for module in first.modules())


def test_the_callers_random_numbers_go_on_as_if_nothing_happened():
    torch.manual_seed(5)
    expected = torch.rand(4)
    torch.manual_seed(5)
    build_random(TINY.architecture, TINY.options, (32, 32), 1)
    assert torch.equal(torch.rand(4), expected)


def test_the_random_state_is_restored_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(Exception, match="depht"):
        build_random("vit_tiny_patch16_224", {"depht": 2}, (32, 32), 1)
    assert torch.equal(torch.get_rng_state(), before)


def test_batch_norm_takes_mean_and_variance_of_the_batch():
    network = build(TINY.architecture, TINY.options)
    batch = pictures(8)
    settle_batch_norm(network, batch)
    with torch.no_grad():
        maps = network.conv1(batch)
    assert torch.allclose(network.bn1.running_mean, maps.mean((0, 2, 3)), atol=1e-6)
    assert torch.allclose(network.bn1.running_var, maps.var((0, 2, 3)), rtol=1e-4)  # unbiased, as BatchNorm keeps it
    assert network.bn1.momentum == 0.1


@torch.inference_mode()
@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("resnet200", {"channels": (8, 8, 8, 8)}),
        ("efficientnet_b0", {}),
        ("vit_tiny_patch16_224", {"img_size": 64, "embed_dim": 32, "num_heads": 2}),
    ],
)
def test_features_stay_of_usable_size_and_tell_pictures_apart_through_all_layers(architecture, options):
    network = build_random(architecture, options, (64, 64), seed=0)
    torch.manual_seed(1)
    features = network(smooth_noise(16, (64, 64)))
    assert features.isfinite().all()
    assert 1e-3 < features.abs().mean() < 1e3
    assert (features.std(0) > 1e-3 * features.abs().mean()).float().mean() > 0.5


@torch.inference_mode()
def test_without_settling_a_deep_network_leaves_that_range():
    """What the step is for: if this ever fails, the step is not needed any more."""
    torch.manual_seed(0)
    network = build("efficientnet_b0", {})
    assert network(smooth_noise(4, (64, 64))).abs().mean() < 1e-3


def test_smooth_noise_has_mean_0_spread_1_and_neighbours_alike():
    torch.manual_seed(0)
    noise = smooth_noise(4, (64, 64))
    assert noise.mean().abs() < 1e-6 and abs(noise.std() - 1) < 1e-3
    correlation = (noise[..., 1:] * noise[..., :-1]).mean()
    assert 0.5 < correlation < 0.95


def test_a_random_backbone_needs_no_weights_and_its_card_says_so():
    backbone = load("timm/resnet18.a1_in1k", random_seed=3)  # nothing of it is on this machine
    assert backbone.card.random_seed == 3 and backbone.card.sha256 is None
    assert "random" in backbone.card.pretraining
    assert backbone.stages == ("stem", "layer1", "layer2", "layer3", "layer4", "pool")
