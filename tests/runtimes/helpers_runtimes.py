"""Tiny backbones of two kinds, their inputs, and the room's candidates."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from torch import nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.backbone import Backbone
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.measure import measure
from headstart.backbones.pretrained.random_weights import build_random
from headstart.core.boundary import Boundary
from headstart.core.plugins import names
from headstart.core.preprocessing import ImagePreprocessing, TextPreprocessing
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


class TextBackbone(nn.Module):
    """What a backbone of texts looks like to a runtime: embeddings, one block of attention, the mean over tokens."""

    name, modality, input_name, variable_axis = "small_text", "text", "tokens", 1
    preprocessing = TextPreprocessing()
    stages = ("embeddings", "attention", "pool")
    feature_dim = 16

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.tokens, self.places = nn.Embedding(50, 16), nn.Embedding(96, 16)
            self.query, self.key, self.value = nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 16)
        self.eval()

    def unpack(self, values, number):
        if number == 0:
            return Boundary(values[:, :, 0].long().clamp_min(0), values[:, :, 0] >= 0)
        padded = torch.isnan(values)
        return Boundary(torch.where(padded, torch.zeros_like(values), values), ~padded[:, :, 0])

    def pack(self, boundary, number):
        if boundary.mask is None:
            return boundary.values
        return torch.where(boundary.mask[:, :, None], boundary.values, torch.full_like(boundary.values, torch.nan))

    def run(self, boundary, start, stop):
        for stage in self.stages[start:stop]:
            boundary = getattr(self, f"_{stage}")(boundary.values, boundary.mask)
        return boundary

    def _embeddings(self, tokens, mask):
        places = torch.arange(tokens.shape[1], device=tokens.device)
        return Boundary(self.tokens(tokens) + self.places(places), mask)

    def _attention(self, values, mask):
        scores = self.query(values) @ self.key(values).transpose(1, 2)
        scores = scores.masked_fill(~mask[:, None, :], -1e9)
        return Boundary(values + scores.softmax(2) @ self.value(values), mask)

    def _pool(self, values, mask):
        weights = mask[:, :, None].to(values.dtype)
        return Boundary((values * weights).sum(1) / weights.sum(1))

    def example(self, batch_size, seed=0):
        return np.stack(tokens(batch_size, (12,), seed))

    def weights_digest(self, stop):
        owned = {name: value.numpy().tobytes() for name, value in self.state_dict().items()}
        return hashlib.sha256(b"".join(owned.values()) + bytes([stop])).hexdigest()


def tokens(count: int, lengths: tuple[int, ...], seed: int = 0) -> list[np.ndarray]:
    """Prepared texts, (T, 2) int32, of these padded lengths in turn; the last one or two positions may be padded."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        length = lengths[number % len(lengths)]
        text = np.zeros((length, 2), np.int32)
        text[:, 0] = rng.integers(0, 50, length)
        text[length - int(rng.integers(0, 2)) :] = -1
        found.append(text)
    return found


def candidates(modality: str = "image") -> list:
    """Every (name, precision) for a modality; slow and GPU ones marked by what the plugin says of itself."""
    found = []
    for name in names("runtimes"):
        for precision in precisions(name):
            built = runtime(name, precision)
            if modality not in built.modalities:
                continue
            marks = [pytest.mark.gpu] if built.device == "cuda" else []
            marks += [pytest.mark.slow] if built.prior.setup_seconds > SLOW_SETUP_SECONDS else []
            found.append(pytest.param(name, precision, marks=marks, id=f"{name}-{precision}"))
    return found
