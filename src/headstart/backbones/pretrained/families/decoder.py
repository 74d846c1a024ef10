"""Causal language models: GPT-2, GPT-NeoX (Pythia), and the frame of Llama (Mistral, Qwen 2 and 3, SmolLM, OLMo 2).

Radford et al., 2019 (GPT-2); Black et al., 2022, arXiv:2204.06745 (GPT-NeoX); Touvron et al., 2023, arXiv:2302.13971
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import causal_terms
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import (
    first,
    layer_count,
    norm_stage,
    numbers_and_segments,
    pool_stage,
    remembered,
)
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin

EMBEDDINGS = ("model.wte", "model.embed_in", "model.embed_tokens")
LAYERS = ("model.h", "model.layers")
NORMS = ("model.ln_f", "model.final_layer_norm", "model.norm")
ROTARY = "model.rotary_emb"  # computes position terms from a table that is not saved
GPT2 = {"vocab_size": 50, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64}


def _place(network: nn.Module, places: tuple[str, ...]) -> str:
    """The one of several names that the network's module has."""
    modules = dict(network.named_modules())
    return next(place for place in places if place in modules)


def _positions(values: Tensor) -> Tensor:
    """``(1, T)``: padding is on the right, so tokens count from the left."""
    return torch.arange(values.shape[1], device=values.device).unsqueeze(0)


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    model: Any = network.get_submodule("model")
    tokens = numbers_and_segments(network, boundary)["input_ids"]
    values = network.get_submodule(_place(network, EMBEDDINGS))(tokens)
    if hasattr(model, "wpe"):
        values = values + model.wpe(_positions(values))
    for dropout in ("drop", "emb_dropout"):
        values = getattr(model, dropout)(values) if hasattr(model, dropout) else values
    return Boundary(values, boundary.mask)


def _layer(place: str, number: int, network: nn.Module, boundary: Boundary) -> Boundary:
    config: Any = network.config
    kinds = getattr(config, "layer_types", None)
    sliding = kinds is not None and kinds[number] == "sliding_attention"
    window = getattr(config, "sliding_window", None) if sliding or kinds is None else None
    key = "attention" if window is None else "attention within the window"
    boundary, added = remembered(boundary, key, partial(causal_terms, window=window))
    given: dict[str, Any] = {"attention_mask": added, "position_ids": _positions(boundary.values)}
    if hasattr(network.model, "rotary_emb"):
        given["position_embeddings"] = network.get_submodule(ROTARY)(
            boundary.values, position_ids=given["position_ids"]
        )
    layer: Any = network.get_submodule(f"{place}.{number}")
    return replace(boundary, values=first(layer(boundary.values, **given)))


class DecoderFamily(TextFamily):
    """embeddings, one stage per layer, norm, pool (the last token: the only one that has seen the whole text)."""

    model_types = frozenset({"gpt2", "gpt_neox", "llama", "mistral", "qwen2", "qwen3", "olmo2", "smollm3"})
    pooling = "last"
    marks_ends = False
    small = (
        small("gpt2", GPT2, pooling="last"),
        small("gpt_neox", TINY, pooling="last"),
        small("llama", {**TINY, "num_key_value_heads": 1}, pooling="last"),
        small("mistral", {**TINY, "num_key_value_heads": 1, "sliding_window": 4}, pooling="last"),
        small(
            "qwen2",
            {**TINY, "num_key_value_heads": 1, "use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1},
            pooling="mean",
        ),
        small("qwen3", {**TINY, "num_key_value_heads": 1, "head_dim": 8}, pooling="last", normalised=True),
    )

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """A layer attends to what came before, in some networks within a window."""
        place = _place(network, LAYERS)
        rotary = (ROTARY,) if hasattr(network.model, "rotary_emb") else ()
        owned = (_place(network, EMBEDDINGS), "model.wpe", *rotary)
        layers = (
            Stage(f"layers.{number}", (f"{place}.{number}",), partial(_layer, place, number), rotary)
            for number in range(layer_count(network, place))
        )
        return (Stage("embeddings", owned, _embed), *layers, norm_stage(_place(network, NORMS)), pool_stage())


PLUGIN = Plugin(build=DecoderFamily, paper="arXiv:2302.13971", modality="text", extra="text")
