"""Texts: the tokenizer, how much of a text is read, and to which lengths texts are padded."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.preprocessing.base import Preprocessing

TOKENIZER = "tokenizer.json"  # name of the asset that holds the tokenizer, in the format of the tokenizers library
PAD = -1  # in both columns of a padded position


class TextPreprocessing(Preprocessing):
    """From UTF-8 text to ``(T, 2)`` int32: token and segment of each position, ``PAD`` where there is none.

    A text's bytes are its UTF-8 form; a pair's bytes are a JSON array of two strings. Special tokens are those that
    the tokenizer's own post-processor adds. T is the padded length: equal lengths are batched.
    """

    kind: Literal["text"] = "text"
    tokenizer_sha256: str = Field("", description="Of the asset tokenizer.json, which travels with the weights.")
    max_tokens: int = Field(256, ge=4, description="Most positions, special tokens included; what follows is cut off.")
    prefix: str = Field("", description="Put before each text, where the weights were trained with one.")
    step: int = Field(
        2, ge=1, description="Lengths up to 32 are padded to a multiple of this, longer ones to 8 times it."
    )


PLUGIN = Plugin(build=TextPreprocessing.parse, config=TextPreprocessing)
