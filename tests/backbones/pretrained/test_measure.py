"""Counting parameters and operations, checked by hand and by a slow second count."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from backbones.helpers_backbones import TINY
from headstart.backbones.pretrained.measure import counting, has_fixed_size, measure
from headstart.backbones.pretrained.network import build
from headstart.backbones.pretrained.stage import own_features


def count_by_hooks(architecture, options, image_size):
    """Two per multiply-add of every convolution and linear layer, from the shapes that pass through."""
    network = build(architecture, options)
    total = 0

    def add(layer, _, output):
        nonlocal total
        per_output = layer.weight[0].numel()  # inputs of one output value
        total += 2 * output.numel() * per_output

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(add)
    with torch.inference_mode():
        own_features(network, torch.zeros(1, 3, *image_size))
    return total


@pytest.mark.parametrize(
    ("architecture", "options", "image_size"),
    [("resnet18", {}, (64, 64)), ("tf_efficientnet_lite0", {}, (64, 64)), ("convnext_atto", {}, (64, 64))],
)
def test_operations_equal_a_count_layer_by_layer(architecture, options, image_size):
    assert measure(architecture, options, image_size)["flops"] == count_by_hooks(architecture, options, image_size)


def test_a_vit_adds_two_matrix_products_per_block_to_its_layers():
    options = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 3, "num_heads": 2}
    tokens = 1 + 4 * 4
    attention = 3 * 2 * (2 * tokens * tokens * 16)  # 3 blocks, QK and AV, each T x T x D multiply-adds, 2 operations
    layers = count_by_hooks("vit_tiny_patch16_224", options, (32, 32))
    assert measure("vit_tiny_patch16_224", options, (32, 32))["flops"] == layers + attention


def test_parameters_and_size_are_those_of_the_network():
    found = measure(TINY.architecture, TINY.options, (32, 32))
    network = build(TINY.architecture, TINY.options)
    assert found["parameters"] == sum(value.numel() for value in network.parameters())
    assert found["feature_dim"] == 8 and found["family"] == "resnet"


def test_fixed_size_is_what_timm_says():
    assert has_fixed_size("vit_tiny_patch16_224", {}) and not has_fixed_size("resnet18", {})


def test_parameters_that_a_pooling_asks_with_are_counted_too_and_keep_their_gradients():
    """An attention pooling expands a parameter of its own to the batch."""
    options = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 1, "num_heads": 2}
    tokens, width, mlp = 4 * 4, 16, 64
    block = 2 * tokens * (4 * width**2 + 2 * width * mlp) + 2 * 2 * tokens**2 * width
    pooling = 2 * (2 * width**2 + tokens * 2 * width**2 + 2 * width * mlp) + 2 * 2 * tokens * width
    embedding = 2 * tokens * (3 * 8 * 8) * width
    assert measure("vit_base_patch16_siglip_224", options, (32, 32))["flops"] == embedding + block + pooling
    network = build("vit_base_patch16_siglip_224", options, "meta")
    next(network.parameters()).requires_grad_(False)
    before = [value.requires_grad for value in network.parameters()]
    with counting(network) as counter:
        own_features(network, torch.zeros(1, 3, 32, 32, device="meta"))
    assert counter.get_total_flops() == embedding + block + pooling
    assert [value.requires_grad for value in network.parameters()] == before and sum(before) == len(before) - 1
