"""A small tokenizer for the tests of texts."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from headstart.core.preprocessing import TextPreprocessing

WORDS = "[PAD] [UNK] [CLS] [SEP] a b c d e f g h one two three the cat sat on mat ? . ! not".split()


def tokenizer_json(post_processor: bool = True, **changes: Any) -> bytes:
    """Lower-case words and marks, with [CLS] and [SEP] as BERT has them; ``changes`` call methods before writing."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if post_processor:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    for method, options in changes.items():
        getattr(tokenizer, method)(**options)
    return tokenizer.to_str().encode()


def preparer(content: bytes | None = None, **settings: Any) -> Any:
    from headstart.data.text_prepare import TextPreparer

    return TextPreparer(TextPreprocessing(**settings), {"tokenizer.json": content or tokenizer_json()})


def keys_of(contents: list[bytes]) -> np.ndarray:
    return np.stack([np.frombuffer(hashlib.sha256(content).digest(), np.uint8) for content in contents])
