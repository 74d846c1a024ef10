"""MPNet: layers share one table of terms by distance.

Song, Tan, Qin, Lu & Liu, NeurIPS 2020, arXiv:2004.09297
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from torch import nn

from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import key_terms
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import (
    first,
    layer_count,
    numbers_and_segments,
    pool_stage,
    remembered,
)
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin

TABLE = "model.encoder.relative_attention_bias"


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    return Boundary(network.get_submodule("model.embeddings")(**numbers_and_segments(network, boundary)), boundary.mask)


def _layer(number: int, network: nn.Module, boundary: Boundary) -> Boundary:
    encoder: Any = network.get_submodule("model.encoder")
    boundary, attended = remembered(boundary, "attention", key_terms)
    boundary, distance = remembered(boundary, "distance", lambda one: encoder.compute_position_bias(one.values))
    return replace(boundary, values=first(encoder.layer[number](boundary.values, attended, distance)))


class MPNetFamily(TextFamily):
    """embeddings (with the table), one stage per layer, pool."""

    model_types = frozenset({"mpnet"})
    small = (small("mpnet", {**TINY, "pad_token_id": 1}),)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The table belongs to the embeddings; every layer reads it."""
        layers = (
            Stage(f"layers.{number}", (f"model.encoder.layer.{number}",), partial(_layer, number), (TABLE,))
            for number in range(layer_count(network, "model.encoder.layer"))
        )
        return (Stage("embeddings", ("model.embeddings", TABLE), _embed), *layers, pool_stage())


PLUGIN = Plugin(build=MPNetFamily, paper="arXiv:2004.09297", modality="text", extra="text")
