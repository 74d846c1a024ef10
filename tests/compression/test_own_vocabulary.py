"""A text network with fewer tokens: the same features for what they spell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from headstart.api.compressing_bench import preparer_of
from headstart.backbones.pretrained.find import load
from headstart.compression.own_vocabulary import kept_numbers, reading_only, table_of, with_vocabulary
from headstart.core.errors import ConfigError
from made_texts import write_tokenizer
from tiny_models import text_model

__all__ = ["text_model"]
TEXTS = ["my card was stolen", "a loan 7"]
NEW = "please borrow coins from the machine"


def features(backbone, text):
    tokens = preparer_of(backbone).prepare(text.encode())
    with torch.inference_mode():
        return backbone(torch.from_numpy(tokens)[None]).numpy(), tokens[:, 0]


def used(backbone):
    return {int(number) for text in TEXTS for number in features(backbone, text)[1] if number >= 0}


def model_of(folder: Path, kind: str, **settings) -> Path:
    """Another kind of network behind the tokenizer of the tiny one."""
    config = transformers.AutoConfig.for_model(
        kind, vocab_size=160, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=64, **settings,
    )  # fmt: skip
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    write_tokenizer(folder)
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 32}))
    return folder


@pytest.fixture(scope="module", params=["bert", "roberta"])
def backbone(request, text_model, tmp_path_factory):
    if request.param == "bert":
        return load(str(text_model))
    folder = tmp_path_factory.mktemp("models") / "roberta"
    return load(str(model_of(folder, "roberta", pad_token_id=1, bos_token_id=2, eos_token_id=3, type_vocab_size=1)))


def test_texts_of_its_tokens_have_the_same_features_and_all_others_have_some(backbone):
    kept = kept_numbers(backbone, used(backbone))
    small = with_vocabulary(backbone, kept)
    config = small.card.options["config"]
    assert len(kept) < 160 and config["vocab_size"] == len(kept) == len(table_of(small)[1]) and not small.training
    assert small.card.parameters == sum(each.numel() for each in small.network.parameters())
    assert small.example(2)[:, :, 0].max() < len(kept)
    for text in TEXTS:
        (ours, mine), (theirs, its) = features(small, text), features(backbone, text)
        assert np.array_equal(ours, theirs) and kept[mine[mine >= 0]].tolist() == its[its >= 0].tolist()
    there, tokens = features(small, NEW)
    assert np.isfinite(there).all() and tokens.max() < len(kept)
    assert not np.allclose(there, features(backbone, NEW)[0], atol=1e-3)
    named = [value for name, value in config.items() if name.endswith("_token_id") and value is not None]
    before = [v for name, v in backbone.card.options["config"].items() if name.endswith("_token_id") and v is not None]
    assert kept[named].tolist() == before


def test_a_reader_with_fewer_tokens_gives_them_the_numbers_of_its_network(backbone):
    kept = kept_numbers(backbone, used(backbone))
    reader, small = reading_only(backbone, kept), with_vocabulary(backbone, kept)
    for text in [*TEXTS, NEW]:
        (ours, mine), (theirs, its) = features(reader, text), features(small, text)
        assert np.array_equal(ours, theirs) and mine[mine >= 0].tolist() == kept[its[its >= 0]].tolist()
    assert preparer_of(reader).address() != preparer_of(backbone).address()


def test_a_padding_token_far_behind_cannot_be_numbered_anew(tmp_path):
    backbone = load(str(model_of(tmp_path, "bert", pad_token_id=90)))
    with pytest.raises(ConfigError, match="padding token of .* number 90"):
        with_vocabulary(backbone, kept_numbers(backbone, used(backbone)))
