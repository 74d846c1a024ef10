"""BERT and its descendants in the same frame: RoBERTa, XLM-R, CamemBERT, ELECTRA, DistilBERT, MiniLM.

Devlin et al., NAACL 2019, arXiv:1810.04805; RoBERTa: arXiv:1907.11692; DistilBERT: arXiv:1910.01108; ELECTRA:
arXiv:2003.10555
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import key_terms
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import (
    attending_layer,
    layer_count,
    numbers_and_segments,
    pool_stage,
)
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import TextPreprocessing

TINY = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 64,
}
DISTIL = {"vocab_size": 50, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 64}
SEES = TextPreprocessing(max_tokens=60)


def small(model_type: str, config: dict[str, Any], **options: Any) -> Small:
    """A member for the conformance tests."""
    return Small(model_type, {"config": {"model_type": model_type, **config}, **options}, preprocessing=SEES)


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    given = numbers_and_segments(network, boundary)
    values = network.get_submodule("model.embeddings")(**given)
    if hasattr(network.model, "embeddings_project"):  # ELECTRA's embeddings may be narrower than its layers
        values = network.get_submodule("model.embeddings_project")(values)
    return Boundary(values, boundary.mask)


class BertLikeFamily(TextFamily):
    """embeddings, one stage per layer, pool."""

    model_types = frozenset(
        {"bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert", "ernie", "data2vec-text"}
    )
    small = (
        small("bert", TINY),
        small("bert", TINY, pooling="cls", normalised=True, dense=({"inputs": 16, "outputs": 8},)),
        small("roberta", {**TINY, "type_vocab_size": 1, "pad_token_id": 1}),
        small("distilbert", DISTIL, pooling="max"),
        small("electra", {**TINY, "embedding_size": 8}),
    )

    def takes(self, config: Mapping[str, Any]) -> bool:
        """Not one that was made a decoder."""
        return super().takes(config) and not config.get("is_decoder")

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Every layer attends to every token."""
        place = "model.transformer.layer" if hasattr(network.model, "transformer") else "model.encoder.layer"
        layers = (
            attending_layer(f"layers.{number}", f"{place}.{number}", key_terms)
            for number in range(layer_count(network, place))
        )
        return (Stage("embeddings", ("model.embeddings", "model.embeddings_project"), _embed), *layers, pool_stage())


PLUGIN = Plugin(build=BertLikeFamily, paper="arXiv:1810.04805", modality="text", extra="text")
