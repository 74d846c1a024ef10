"""Small sets of texts and a tiny text network that tests of whole journeys share."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path

TOPICS = {
    "card": "card lost stolen blocked new plastic freeze".split(),
    "cash": "cash atm withdraw notes coins machine".split(),
    "loan": "loan rate borrow mortgage debt term".split(),
}
FILLER = "my the a i please how do can for to is it was today again you me with".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789"]
WORDS = [*SPECIAL, *FILLER, *(word for words in TOPICS.values() for word in words)]


def question(topic: str, rng: random.Random, length: int = 9) -> str:
    """Words of a topic among others; no two are near-duplicates by more than chance."""
    own = [rng.choice(TOPICS[topic]) for _ in range(3)]
    words = own + [rng.choice(FILLER) + str(rng.randrange(1000)) * (rng.random() < 0.5) for _ in range(length - 3)]
    rng.shuffle(words)
    return " ".join(words)


def questions(per_topic: int, seed: int = 0) -> list[tuple[str, str]]:
    """(text, topic), topics in turn."""
    rng = random.Random(seed)
    return [(question(topic, rng), topic) for _ in range(per_topic) for topic in TOPICS]


def write_tokenizer(folder: Path) -> None:
    """Words, then letters: what BERT's WordPiece does."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = dict.fromkeys([*WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)])
    vocabulary = {word: number for number, word in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")


def make_text_model(folder: Path, vocabulary: int = 160, seed: int = 0) -> Path:
    """A random BERT of two layers, 32 wide, as transformers saves one."""
    import torch
    import transformers

    config = transformers.BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        model = transformers.BertModel(config)
        model.embeddings.word_embeddings.weight.data.normal_()  # so that words differ as much as they do when learned
        model.save_pretrained(folder)
    write_tokenizer(folder)
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 64}))
    return folder
