"""A tokenizer's vocabulary cut down to what some texts use: which pieces stay, and the tokenizer that is left.

The document is ``tokenizer.json`` of the package tokenizers, read as data. What it says of other numbers than its
vocabulary's (special tokens, templates, padding) follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headstart.compression.vocabularies import bpe, unigram, wordpiece
from headstart.core.errors import ConfigError

KINDS: Mapping[str, Any] = {"WordPiece": wordpiece, "Unigram": unigram, "BPE": bpe}
PAIRED = ("sep", "cls")  # of a post-processor: token and number


def kept_for(content: bytes, used: Iterable[int]) -> frozenset[int]:
    """Numbers of the tokens that stay: those used, what they are made of, all characters and all special tokens.

    Args:
        content: tokenizer.json.
        used: Numbers of tokens in texts.

    Raises:
        ConfigError: a vocabulary that cannot be cut down, since it would leave words that nothing spells.
    """
    document = json.loads(content)
    kind, model = _kind(document), document["model"]
    stay = {number for _, _, number in _mentions(document)} | kind.always(model)
    return frozenset(kind.needed(model, stay | set(used)))


def without(content: bytes, kept: frozenset[int]) -> bytes:
    """The tokenizer that never gives other tokens than ``kept`` (closed by :func:`kept_for`); numbers stay."""
    document = json.loads(content)
    document["model"] = _kind(document).without(document["model"], kept)
    return _written(document)


def renumbered(content: bytes, kept: frozenset[int]) -> bytes:
    """The tokenizer with ``kept`` alone, numbered from 0 in their order."""
    document = json.loads(content)
    number = {old: new for new, old in enumerate(sorted(kept))}
    document["model"] = _kind(document).renumbered(document["model"], number)
    for place, key, old in list(_mentions(document)):
        place[key] = number[old]
    return _written(document)


def _kind(document: Mapping[str, Any]) -> Any:
    name = document["model"].get("type")
    if name not in KINDS:
        raise ConfigError(
            f"a vocabulary that is cut down must be one of {sorted(KINDS)}; this one is {name}, whose words nothing "
            "spells once they are gone. The network keeps it."
        )
    return KINDS[name]


def _mentions(document: Mapping[str, Any]) -> Iterator[tuple[Any, Any, int]]:
    """Where numbers of tokens stand beside the vocabulary: container, key, number."""
    for token in document.get("added_tokens") or ():
        yield token, "id", token["id"]
    if padding := document.get("padding"):
        yield padding, "pad_id", padding["pad_id"]
    yield from _processed(document.get("post_processor") or {})


def _processed(processor: Mapping[str, Any]) -> Iterator[tuple[Any, Any, int]]:
    for each in processor.get("processors", ()):
        yield from _processed(each)
    for token in dict(processor.get("special_tokens", {})).values():
        for place, number in enumerate(token["ids"]):
            yield token["ids"], place, number
    for name in PAIRED:
        if name in processor:
            yield processor[name], 1, processor[name][1]


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8")
