"""ALBERT: many layers, one set of weights.

Lan et al., ICLR 2020, arXiv:1909.11942
"""

from __future__ import annotations

from typing import Any

from torch import nn

from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import key_terms
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import attending_layer, numbers_and_segments, pool_stage
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin

MAPPING = "model.encoder.embedding_hidden_mapping_in"


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    values = network.get_submodule("model.embeddings")(**numbers_and_segments(network, boundary))
    return Boundary(network.get_submodule(MAPPING)(values), boundary.mask)


class AlbertFamily(TextFamily):
    """embeddings, one stage per layer, pool. A group's weights belong to its first layer; the others read them."""

    model_types = frozenset({"albert"})
    small = (small("albert", {**TINY, "embedding_size": 8, "num_hidden_layers": 3, "num_hidden_groups": 1}),)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Layers are numbered, groups repeat."""
        config: Any = network.config
        per_group = config.num_hidden_layers / config.num_hidden_groups
        layers, seen = [], set()
        for number in range(config.num_hidden_layers):
            place = f"model.encoder.albert_layer_groups.{int(number / per_group)}"
            stage = attending_layer(f"layers.{number}", place, key_terms)
            if place in seen:
                stage = Stage(stage.name, (), stage.apply, (place,))
            seen.add(place)
            layers.append(stage)
        return (Stage("embeddings", ("model.embeddings", MAPPING), _embed), *layers, pool_stage())


PLUGIN = Plugin(build=AlbertFamily, paper="arXiv:1909.11942", modality="text", extra="text")
