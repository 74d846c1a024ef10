"""A network for texts small enough to be seen through: the mean of two numbers per word, with a real tokenizer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from bundle.helpers_bundle import EVIDENCE, TASK, Choice, graph_of, linear_head
from headstart import bundle
from headstart.bundle import WrittenNetwork
from headstart.core.preprocessing import TextPreprocessing
from headstart.core.schema import InputSchema, PartSchema

WORDS = {"[UNK]": 0, "one": 1, "two": 2, "three": 3}
TOKENIZER = json.dumps(
    {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": WORDS, "unk_token": "[UNK]"},
    }
).encode()
QUESTION = PartSchema(modality="text", columns=("question",))
PREPROCESSING = TextPreprocessing(tokenizer_sha256=hashlib.sha256(TOKENIZER).hexdigest(), max_tokens=16)
TEXTS = [b"one", b"one two three", b"two two", b"three one two three one", b"what"]


def word_network() -> Any:
    """A word's features are its number and the square of it; a text's are their mean, padding left out."""
    import torch
    from torch import nn

    from headstart.backbones.card import Card
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.backbones.pretrained.entrance import entrance
    from headstart.backbones.pretrained.stage import Stage
    from headstart.core.boundary import Boundary

    def words(network: nn.Module, boundary: Boundary) -> Boundary:
        return Boundary(network.table(boundary.values), boundary.mask)

    def mean(network: nn.Module, boundary: Boundary) -> Boundary:
        mask = boundary.mask[:, :, None].float()
        return Boundary((boundary.values * mask).sum(1) / mask.sum(1))

    class Words(Backbone):
        def __init__(self) -> None:
            nn.Module.__init__(self)
            self.card = Card(
                **{"name": "words", "modality": "text", "family": "single", "architecture": "words", "flops": None},
                **{"source": "local", "location": "", "parameters": 8, "size_mib": 0, "feature_dim": 2},
                **{
                    "stages": ("words", "mean"),
                    "preprocessing": PREPROCESSING,
                    "options": {"config": {"vocab_size": 4}},
                },
            )
            self.network = nn.Module()
            numbers = torch.arange(4.0)
            self.network.table = nn.Embedding.from_pretrained(torch.stack([numbers, numbers**2], 1))
            self.entrance = entrance(self.card)
            self.assets = {"tokenizer.json": TOKENIZER}
            self._stages = [Stage("words", ("table",), words), Stage("mean", (), mean)]
            self._code = ["words"]
            self.stages = ("words", "mean")

    return Words().eval()


def write_words(folder: Path, texts: list[bytes] = TEXTS, **changes: Any) -> bundle.Bundle:
    """A bundle of that network; texts to compare on have several lengths."""
    from headstart.data.modalities import modality

    backbone = word_network()
    preparer = modality("text").preparer(PREPROCESSING, backbone.assets)
    prepared = [preparer.prepare(text) for text in texts]
    source = WrittenNetwork(
        QUESTION, backbone, changes.pop("runtime", Choice()), graph_of(backbone, folder.parent / "graphs"), prepared
    )
    common = {"task_dict": TASK, "evidence": EVIDENCE, "input_schema": InputSchema(parts=(QUESTION,))}
    return bundle.write(folder, sources=[source], **{"fitted": linear_head(2), **common, **changes})


def features_by_hand(text: bytes) -> list[float]:
    """What the network says of a text, word by word."""
    numbers = np.array([WORDS.get(word, 0) for word in text.decode().split()], dtype=np.float64)
    return [float(numbers.mean()), float((numbers**2).mean())]
