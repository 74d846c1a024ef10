"""Small random backbones of every family, prepared batches, and weight files as other programs write them."""

from __future__ import annotations

import json

import torch
from safetensors.torch import save_file

from headstart.backbones.card import Card
from headstart.backbones.pretrained.backbone import Backbone
from headstart.backbones.pretrained.family import Small, family
from headstart.backbones.pretrained.measure import measured
from headstart.core.boundary import Boundary

TINY = Small("resnet18", {"channels": (4, 4, 8, 8)})


def small_backbone(small: Small = TINY, seed: int = 0, name: str = "resnet") -> Backbone:
    """Random weights, in eval mode; running statistics are random too, so that no buffer is at its default."""
    card = small_card(small, name)
    network = family(name).build_random(card, seed)
    for key, buffer in network.named_buffers():
        if key.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(seed))
    return Backbone(card, network)


def small_card(small: Small = TINY, name: str = "resnet") -> Card:
    described = family(name)
    stated = {
        "name": f"small_{small.architecture}",
        "modality": described.modality,
        "library": described.library,
        "family": name,
        "architecture": small.architecture,
        "options": dict(small.options),
        "source": "local",
        "location": "nowhere",
        "preprocessing": small.sees,
    }
    unmeasured = Card(**stated, parameters=0, flops=None, size_mib=0, feature_dim=1, stages=())
    network = described.layout(small.architecture, small.options)
    boundary = described.entrance(unmeasured)(torch.from_numpy(small_batch(unmeasured, 1)))
    on_meta = Boundary(
        boundary.values.to("meta"),
        None if boundary.mask is None else boundary.mask.to("meta"),
        {key: value.to("meta") for key, value in boundary.extras.items()},
    )
    return Card(**stated, **measured(described, network, on_meta))


def small_batch(card: Card, count: int, seed: int = 0):
    """A prepared batch as an array."""
    import numpy as np

    return family(card.family).entrance(card).example(count, np.random.default_rng(seed))


def pictures(count: int, image_size: tuple[int, int] = (32, 32), seed: int = 0) -> torch.Tensor:
    """Normalised noise, as it is after the entrance."""
    return torch.randn((count, 3, *image_size), generator=torch.Generator().manual_seed(seed))


def pixels(count: int, image_size: tuple[int, int] = (32, 32), seed: int = 0) -> torch.Tensor:
    """A prepared batch of pictures."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, *image_size, 3), dtype=torch.uint8, generator=generator)


def timm_folder(folder, backbone: Backbone, **config):
    """What timm's save_for_hf leaves: config.json and model.safetensors, the classifier included."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.clone() for name, value in backbone.network.state_dict().items()}
    tensors |= {"fc.weight": torch.zeros(5, backbone.feature_dim), "fc.bias": torch.zeros(5)}
    save_file(tensors, folder / "model.safetensors")
    document = {
        "architecture": backbone.card.architecture,
        "num_classes": 5,
        "model_args": backbone.card.options,
        "pretrained_cfg": {
            "input_size": [3, 32, 32],
            "mean": [0.5, 0.5, 0.5],
            "std": [0.25, 0.25, 0.25],
            "interpolation": "bilinear",
            "crop_pct": 0.9,
            "crop_mode": "squash",
            "classifier": "fc",
            "num_classes": 5,
            "license": "mit",
        },
    } | config
    (folder / "config.json").write_text(json.dumps(document))
    return folder
