"""Filling a network with weights: all of them, of the right shapes, or an error."""

from __future__ import annotations

import pytest
import torch

from backbones.helpers_backbones import TINY, pictures, pixels, small_backbone
from headstart.backbones.pretrained.network import build, build_with
from headstart.backbones.pretrained.source import Weights
from headstart.core.errors import ConfigError, ShapeError

VIT = {"embed_dim": 16, "depth": 2, "num_heads": 2, "patch_size": 8}


def weights_of(network, match="name"):
    return Weights({name: value.clone() for name, value in network.state_dict().items()}, "", match)


@torch.inference_mode()
def test_by_name_the_network_is_the_one_the_weights_came_from():
    backbone = small_backbone()
    network = build_with(TINY.architecture, TINY.options, weights_of(backbone.network))
    assert torch.equal(backbone(pixels(2)), network(backbone.enter(pixels(2)).values))
    assert not network.training and not any(value.is_meta for value in network.state_dict().values())


def test_half_precision_weights_become_float32():
    backbone = small_backbone()
    halves = {
        name: value.half() if value.is_floating_point() else value
        for name, value in backbone.network.state_dict().items()
    }
    network = build_with(TINY.architecture, TINY.options, Weights(halves, ""))
    assert {value.dtype for value in network.parameters()} == {torch.float32}
    assert network.bn1.num_batches_tracked.dtype == torch.int64


def test_by_order_names_do_not_matter_and_a_classifier_is_left_over():
    backbone = small_backbone()
    values = [*backbone.network.state_dict().values(), torch.zeros(10, 8), torch.zeros(10)]
    renamed = Weights({f"_{number}": value for number, value in enumerate(values)}, "", "order")
    network = build_with(TINY.architecture, TINY.options, renamed)
    assert all(
        torch.equal(mine, theirs)
        for mine, theirs in zip(network.state_dict().values(), backbone.network.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("left_over", [[], [(10, 8)], [(10, 8), (9,)], [(10, 8), (10,), (1,)]])
def test_by_order_anything_else_left_over_is_an_error(left_over):
    values = [*small_backbone().network.state_dict().values(), *(torch.zeros(shape) for shape in left_over)]
    with pytest.raises(ShapeError, match="left over"):
        build_with(
            TINY.architecture,
            TINY.options,
            Weights({f"_{number}": value for number, value in enumerate(values)}, "", "order"),
        )


def test_by_order_a_shape_that_differs_is_named():
    values = [
        torch.zeros(1),
        *list(small_backbone().network.state_dict().values())[1:],
        torch.zeros(2, 8),
        torch.zeros(2),
    ]
    with pytest.raises(ShapeError, match=r"conv1.weight: \(1,\) instead of \(64, 3, 7, 7\)"):
        build_with(
            TINY.architecture,
            TINY.options,
            Weights({f"_{number}": value for number, value in enumerate(values)}, "", "order"),
        )


def test_a_missing_tensor_is_an_error_and_never_left_random():
    tensors = small_backbone().network.state_dict()
    del tensors["layer2.0.bn1.running_var"]
    with pytest.raises(ShapeError, match=r"layer2\.0\.bn1\.running_var: missing"):
        build_with(TINY.architecture, TINY.options, Weights(tensors, ""))


def test_weights_of_a_deeper_network_are_refused_though_every_tensor_fits():
    deeper = build("resnet34", TINY.options)
    with pytest.raises(ShapeError, match="not part of it.*more"):
        build_with("resnet18", TINY.options, weights_of(deeper))


def test_the_classifiers_in_the_weights_are_ignored():
    extra = {"fc.weight": torch.zeros(3, 8), "fc.bias": torch.zeros(3), "AuxLogits.fc.bias": torch.zeros(3)}
    tensors = {**small_backbone().network.state_dict(), **extra}
    assert build_with(TINY.architecture, TINY.options, Weights(tensors, "")).num_features == 8


def test_position_terms_of_another_picture_size_are_resampled():
    trained = build("vit_tiny_patch16_224", {**VIT, "img_size": 32})
    network = build_with("vit_tiny_patch16_224", {**VIT, "img_size": 64}, weights_of(trained))
    assert network.pos_embed.shape == (1, 1 + 8 * 8, 16)
    assert torch.allclose(network.pos_embed[:, 0], trained.pos_embed[:, 0])  # the class token's term has no place


def test_a_network_with_computed_tensors_gets_them():
    """Swin keeps a table of relative positions that is computed when it is built, not saved."""
    options = {"embed_dim": 8, "depths": (1, 1, 1, 1), "num_heads": (1, 1, 1, 1), "img_size": 64, "window_size": 2}
    trained = build("swin_tiny_patch4_window7_224", options)
    assert set(dict(trained.named_buffers())) - set(trained.state_dict())
    network = build_with("swin_tiny_patch4_window7_224", options, weights_of(trained))
    with torch.inference_mode():
        assert torch.equal(network(pictures(1, (64, 64))), trained(pictures(1, (64, 64))))


def test_an_unknown_architecture_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'resnet50'"):
        build("resnet-50", {})


def test_options_the_architecture_does_not_take_are_named():
    with pytest.raises(ConfigError, match="depht"):
        build("vit_tiny_patch16_224", {"depht": 2})
