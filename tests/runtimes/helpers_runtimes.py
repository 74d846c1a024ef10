"""Tiny backbones and pictures for the runtimes' tests."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.backbones.card import Card
from headstart.backbones.pretrained.backbone import Backbone
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.measure import measure
from headstart.backbones.pretrained.random_weights import build_random
from headstart.core.plugins import names
from headstart.core.preprocessing import ImagePreprocessing
from headstart.runtimes.contract import precisions, runtime

TINY = Small("resnet18", {"channels": (8, 8, 16, 16), "stem_width": 8})
SLOW_SETUP_SECONDS = 5.0


def small_backbone(small: Small = TINY, seed: int = 0) -> Backbone:
    """Random weights, BatchNorm settled, eval mode."""
    network = build_random(small.architecture, dict(small.options), small.image_size, seed)
    card = Card(
        name=f"small_{small.architecture}",
        architecture=small.architecture,
        options=dict(small.options),
        source="local",
        location="nowhere",
        preprocessing=ImagePreprocessing(image_size=small.image_size),
        **measure(small.architecture, small.options, small.image_size),
    )
    return Backbone(card, network)


def pictures(count: int, image_size: tuple[int, int] = (32, 32), seed: int = 0) -> np.ndarray:
    """Smooth random pictures: uint8 (count, H, W, 3)."""
    coarse = torch.rand((count, 3, 4, 4), generator=torch.Generator().manual_seed(seed))
    fine = torch.nn.functional.interpolate(coarse, size=image_size, mode="bilinear")
    return np.ascontiguousarray((fine * 255).byte().permute(0, 2, 3, 1).numpy())


def candidates() -> list:
    """Every (name, precision) of the room; slow and GPU ones marked by what the plugin says of itself."""
    found = []
    for name in names("runtimes"):
        for precision in precisions(name):
            built = runtime(name, precision)
            marks = [pytest.mark.gpu] if built.device == "cuda" else []
            marks += [pytest.mark.slow] if built.prior.setup_seconds > SLOW_SETUP_SECONDS else []
            found.append(pytest.param(name, precision, marks=marks, id=f"{name}-{precision}"))
    return found
